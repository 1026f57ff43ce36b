package dev.msk.security;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * Signature algorithms that a {@link TokenVerifier} can be told to accept: asymmetric ones with a hash of 256 bits or
 * more. There is no {@code none} and no HMAC, so neither can be configured by mistake.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7518#section-3">RFC 7518, section 3</a>
 */
public enum TokenAlgorithm {
  /** RSA with PKCS #1 v1.5 padding and SHA-256. */
  RS256("RS256"),
  /** RSA with PSS padding and SHA-256. */
  PS256("PS256"),
  /** ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each. */
  ES256("ES256"),
  /** Ed25519. */
  EDDSA("EdDSA");

  private final String header;

  TokenAlgorithm(String header) {
    this.header = header;
  }

  /**
   * The algorithm as tokens and key sets name it.
   *
   * @return the value of {@code alg}
   */
  public String header() {
    return header;
  }

  /**
   * The algorithm that a token or a key names.
   *
   * @param header the value of {@code alg}, compared exactly
   * @return empty for every name that is not one of these
   */
  public static Optional<TokenAlgorithm> ofHeader(String header) {
    return Stream.of(values()).filter(known -> known.header.equals(header)).findFirst();
  }
}
