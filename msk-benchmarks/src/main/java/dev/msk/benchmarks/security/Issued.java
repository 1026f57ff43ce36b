package dev.msk.benchmarks.security;

import dev.msk.security.TokenAlgorithm;
import dev.msk.security.testing.TestIdp;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;

/**
 * A token of 700 characters that is valid for an hour, and what is known of its issuer.
 *
 * @param algorithm of its signature
 * @param issuer its name
 * @param jwks its keys
 * @param key by which the signature holds
 * @param token header, payload and signature
 */
record Issued(TokenAlgorithm algorithm, String issuer, String jwks, PublicKey key, String token) {

  static final String AUDIENCE = "inventory";
  static final String SUBJECT = "alice";
  private static final int LENGTH = 700;

  static Issued by(TokenAlgorithm algorithm) {
    try (TestIdp idp = TestIdp.builder().algorithms(algorithm).start()) {
      return new Issued(
          algorithm, idp.issuer(), idp.jwks(), idp.publicKey(algorithm), token(idp, algorithm));
    }
  }

  /** For another process: a key of its own would make another figure. */
  String text() {
    return String.join(
        " ",
        algorithm.name(),
        issuer,
        base64(jwks.getBytes(StandardCharsets.UTF_8)),
        base64(key.getEncoded()),
        token);
  }

  /** What {@link #text} has written. */
  static Issued of(String text) throws GeneralSecurityException {
    String[] parts = text.split(" ", -1);
    TokenAlgorithm algorithm = TokenAlgorithm.valueOf(parts[0]);
    Base64.Decoder decoder = Base64.getDecoder();
    String keys = switch (algorithm) {
      case RS256, PS256 -> "RSA";
      case ES256 -> "EC";
      case EDDSA -> "Ed25519";
    };
    return new Issued(
        algorithm,
        parts[1],
        new String(decoder.decode(parts[2]), StandardCharsets.UTF_8),
        KeyFactory.getInstance(keys)
            .generatePublic(new X509EncodedKeySpec(decoder.decode(parts[3]))),
        parts[4]);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** A claim fills it up: three of its characters are four of the token. */
  private static String token(TestIdp idp, TokenAlgorithm algorithm) {
    String token = signed(idp, algorithm, 0);
    int filling = (LENGTH - token.length()) * 3 / 4;
    while (token.length() != LENGTH) {
      token = signed(idp, algorithm, filling);
      filling += token.length() < LENGTH ? 1 : -1;
    }
    return token;
  }

  private static String signed(TestIdp idp, TokenAlgorithm algorithm, int filling) {
    return idp.token(SUBJECT)
        .audience(AUDIENCE)
        .scopes("orders:read", "orders:write")
        .life(Duration.ofHours(1))
        .claim("fill", "x".repeat(filling))
        .algorithm(algorithm)
        .sign();
  }
}
