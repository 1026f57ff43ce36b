package dev.msk.examples.gateway;

import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthCheck;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Up once the issuer's keys have been fetched: when it is away later, they are enough. Keys are
 * fetched when a token asks for them, so this brings one that nobody signed: it is refused for its
 * key as soon as there are keys, for want of keys before.
 */
final class IssuerSeen implements HealthCheck {

  private static final String UNSIGNED =
      part("{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"readiness\"}") + "." + part("{}") + "."
          + part("none");

  private final TokenVerifier verifier;
  private volatile boolean seen;

  IssuerSeen(TokenVerifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public Health check() {
    if (!seen) {
      seen = verifier.verify(UNSIGNED) instanceof Rejected rejected
          && rejected.reason() == Reason.KEY_UNKNOWN;
    }
    return seen ? Health.up() : Health.down("the issuer has not answered yet");
  }

  private static String part(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
