package dev.msk.examples.keycloak;

import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

/** The key of a client whose tokens are of no use to others (RFC 9449). */
final class DpopKey {

  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair keys;

  DpopKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    keys = generator.generateKeyPair();
  }

  /** A proof for one request that is made now; with an empty token, for a request for one. */
  String proof(String method, URI uri, String token) throws GeneralSecurityException {
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    String header =
        "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
            + coordinate(key.getW().getAffineX()) + "\",\"y\":\""
            + coordinate(key.getW().getAffineY()) + "\"}}";
    String claims = "{\"jti\":\"" + UUID.randomUUID() + "\",\"htm\":\"" + method + "\",\"htu\":\""
        + uri + "\",\"iat\":" + Instant.now().getEpochSecond()
        + (token.isEmpty() ? "" : ",\"ath\":\"" + digest(token) + "\"") + "}";
    String input = encoded(header) + "." + encoded(claims);
    Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
    signer.initSign(keys.getPrivate());
    signer.update(input.getBytes(StandardCharsets.US_ASCII));
    return input + "." + BASE64.encodeToString(signer.sign());
  }

  private static String encoded(String json) {
    return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String digest(String token) throws GeneralSecurityException {
    return BASE64.encodeToString(
        MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII)));
  }

  /** 32 bytes, whatever the number's sign and length. */
  private static String coordinate(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] fixed = new byte[32];
    int length = Math.min(bytes.length, 32);
    System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
    return BASE64.encodeToString(fixed);
  }
}
