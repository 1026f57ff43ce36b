package dev.msk.security.fuzz;

import dev.msk.security.DpopProofs;
import dev.msk.security.JwksSource;
import dev.msk.security.RequestBinding;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.testing.TestIdp;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * Tokens. After {@code r}, the token as it comes; after {@code s}, header and claims, parted by a zero, which the issuer signs; after {@code d}, a
 * DPoP proof for a token that is bound to a key. Nothing is thrown, nothing is a fault of the verifier's, and what is verified is for us.
 */
public final class TokenTarget {

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000));
  private static final TestIdp IDP =
      TestIdp.builder().algorithms(TokenAlgorithm.EDDSA).clock(CLOCK).start();
  private static final String KEY_ID = IDP.keyId(TokenAlgorithm.EDDSA);
  private static final TokenVerifier VERIFIER = TokenVerifier.builder(
          IDP.issuer(), JwksSource.fixed(IDP.jwks()))
      .audience("orders")
      .clock(CLOCK)
      .dpop(DpopProofs.builder().build())
      .build();
  private static final String BOUND =
      IDP.token("alice").audience("orders").claim("cnf", Map.of("jkt", "thumb")).sign();

  static {
    IDP.close();
  }

  private TokenTarget() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    String text = new String(data, 1, data.length - 1, StandardCharsets.UTF_8);
    switch (data[0]) {
      case 's' -> requireSound(VERIFIER.verify(signed(text)));
      case 'd' ->
        requireSound(VERIFIER.verify(
            BOUND,
            RequestBinding.none()
                .dpop("GET", URI.create("https://shop.example/orders"), List.of(text))));
      default -> requireSound(VERIFIER.verify(text));
    }
  }

  static List<byte[]> seeds() {
    String honest = IDP.token("alice").audience("orders").scopes("orders:write").sign();
    String header = "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"" + KEY_ID + "\"}";
    String claims =
        "{\"iss\":\"$\",\"sub\":\"alice\",\"aud\":[\"orders\",\"x\"],\"iat\":1800000000,"
            + "\"exp\":1800000300,\"nbf\":1799999999,\"scope\":\"a b\",\"scp\":[\"c\"],"
            + "\"cnf\":{\"x5t#S256\":\"x\"},\"client_id\":\"web\"}";
    String proof = IDP.sign(
        TokenAlgorithm.EDDSA,
        "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}}",
        "{\"htm\":\"GET\",\"htu\":\"https://shop.example/orders\",\"iat\":1800000000,\"ath\":\"a\",\"jti\":\"1\"}");
    return Seeds.of(
        "r" + honest,
        "r..",
        "reyJhbGciOiJub25lIn0.e30.",
        "s" + header + "\0" + claims,
        "s" + header + "\0" + claims.replace(",\"cnf\":{\"x5t#S256\":\"x\"}", ""),
        "d" + proof);
  }

  /** The issuer's port is another one in each run. */
  private static String signed(String text) {
    int zero = text.indexOf('\0');
    String header = zero < 0 ? text : text.substring(0, zero);
    String claims = zero < 0 ? "{}" : text.substring(zero + 1).replace("$", IDP.issuer());
    return IDP.sign(TokenAlgorithm.EDDSA, header, claims);
  }

  private static void requireSound(Verification result) {
    if (result instanceof Rejected rejected && rejected.reason() == Reason.INTERNAL) {
      throw new AssertionError("fault of the verifier: " + rejected.safeMessage());
    }
    if (result instanceof Verified verified && !isForUs(verified)) {
      throw new AssertionError("verified: " + verified.claims());
    }
  }

  private static boolean isForUs(Verified verified) {
    Object audience = verified.claims().get("aud");
    return IDP.issuer().equals(verified.claims().get("iss"))
        && ("orders".equals(audience)
            || (audience instanceof List<?> all && all.contains("orders")))
        && !verified.subject().isEmpty()
        && verified.expiresAt().isAfter(CLOCK.instant().minusSeconds(31));
  }
}
