package dev.msk.security.testing;

import dev.msk.security.TokenAlgorithm;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** A key of a test issuer. Signs with the JDK alone, so that it shares no code with what verifies. Immutable. */
final class SigningKey {

  private static final int COORDINATE_BYTES = 32;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final String id;
  private final TokenAlgorithm algorithm;
  private final KeyPair keys;

  private SigningKey(String id, TokenAlgorithm algorithm, KeyPair keys) {
    this.id = id;
    this.algorithm = algorithm;
    this.keys = keys;
  }

  static SigningKey create(String id, TokenAlgorithm algorithm) {
    try {
      KeyPairGenerator generator;
      switch (algorithm) {
        case RS256, PS256 -> {
          generator = KeyPairGenerator.getInstance("RSA");
          generator.initialize(2048);
        }
        case ES256 -> {
          generator = KeyPairGenerator.getInstance("EC");
          generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        default -> generator = KeyPairGenerator.getInstance("Ed25519");
      }
      return new SigningKey(id, algorithm, generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("key for " + algorithm, e);
    }
  }

  String id() {
    return id;
  }

  TokenAlgorithm algorithm() {
    return algorithm;
  }

  PublicKey publicKey() {
    return keys.getPublic();
  }

  byte[] sign(byte[] input) {
    try {
      Signature signer = switch (algorithm) {
        case RS256 -> Signature.getInstance("SHA256withRSA");
        case PS256 -> Signature.getInstance("RSASSA-PSS");
        case ES256 -> Signature.getInstance("SHA256withECDSAinP1363Format");
        case EDDSA -> Signature.getInstance("Ed25519");
      };
      if (algorithm == TokenAlgorithm.PS256) {
        signer.setParameter(
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
      }
      signer.initSign(keys.getPrivate());
      signer.update(input);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("signature by " + algorithm, e);
    }
  }

  Map<String, Object> jwk() {
    Map<String, Object> jwk = new LinkedHashMap<>();
    jwk.put("kid", id);
    jwk.put("use", "sig");
    jwk.put("alg", algorithm.header());
    if (keys.getPublic() instanceof RSAPublicKey rsa) {
      jwk.put("kty", "RSA");
      jwk.put("n", unsigned(rsa.getModulus(), (rsa.getModulus().bitLength() + 7) / 8));
      jwk.put("e", unsigned(rsa.getPublicExponent(), 3));
    } else if (keys.getPublic() instanceof ECPublicKey ec) {
      jwk.put("kty", "EC");
      jwk.put("crv", "P-256");
      jwk.put("x", unsigned(ec.getW().getAffineX(), COORDINATE_BYTES));
      jwk.put("y", unsigned(ec.getW().getAffineY(), COORDINATE_BYTES));
    } else {
      byte[] encoded = keys.getPublic().getEncoded();
      jwk.put("kty", "OKP");
      jwk.put("crv", "Ed25519");
      jwk.put(
          "x",
          BASE64.encodeToString(
              Arrays.copyOfRange(encoded, encoded.length - COORDINATE_BYTES, encoded.length)));
    }
    return jwk;
  }

  private static String unsigned(BigInteger value, int length) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[length];
    int copied = Math.min(bytes.length, length);
    System.arraycopy(bytes, bytes.length - copied, fixed, length - copied, copied);
    return BASE64.encodeToString(fixed);
  }
}
