package dev.msk.benchmarks.security;

import dev.msk.security.TokenAlgorithm;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;

/** Floor: the signature of bytes that lie ready, by the JDK. */
final class RawSignature {

  private final String algorithm;
  private final PublicKey key;
  private final byte[] input;
  private final byte[] signature;

  private RawSignature(String algorithm, PublicKey key, byte[] input, byte[] signature) {
    this.algorithm = algorithm;
    this.key = key;
    this.input = input;
    this.signature = signature;
  }

  static RawSignature of(Issued issued) {
    int dot = issued.token().lastIndexOf('.');
    return new RawSignature(
        name(issued.algorithm()),
        issued.key(),
        issued.token().substring(0, dot).getBytes(StandardCharsets.US_ASCII),
        Base64.getUrlDecoder().decode(issued.token().substring(dot + 1)));
  }

  boolean verify() throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(key);
    verifier.update(input);
    return verifier.verify(signature);
  }

  private static String name(TokenAlgorithm algorithm) {
    return switch (algorithm) {
      case RS256 -> "SHA256withRSA";
      case PS256 -> "RSASSA-PSS";
      case ES256 -> "SHA256withECDSAinP1363Format";
      case EDDSA -> "Ed25519";
    };
  }
}
