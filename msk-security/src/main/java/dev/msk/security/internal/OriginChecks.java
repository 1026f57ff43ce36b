package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.Verification.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What all tokens for us must say: from whom, for whom, when. Immutable.
 *
 * @param issuer compared exactly
 * @param audiences one of them must be meant
 * @param skew by which clocks may differ
 */
public record OriginChecks(String issuer, Set<String> audiences, Duration skew) {

  /** Year 9999; {@code exp} beyond it is a mistake or an attempt to overflow. */
  private static final long MAX_EPOCH_SECOND = 253_402_300_799L;

  /**
   * Checks issuer, audience, times and the form of the identifier; the signature of the claims holds.
   *
   * @param claims of the token
   * @param now the time
   * @return when the token expires
   * @throws Refusal if a claim is not acceptable
   */
  public Instant require(ObjectNode claims, Instant now) throws Refusal {
    if (!CompactToken.text(claims, "iss").equals(Optional.of(issuer))) {
      throw new Refusal(Reason.ISSUER, "iss: another issuer (expected: " + issuer + ")");
    }
    if (audience(claims).stream().noneMatch(audiences::contains)) {
      throw new Refusal(Reason.AUDIENCE, "aud: for others (expected: one of " + audiences + ")");
    }
    Instant expiresAt =
        time(claims, "exp").orElseThrow(() -> new Refusal(Reason.CLAIM, "exp: absent"));
    requireUnexpired(expiresAt, now);
    for (String name : List.of("nbf", "iat")) {
      if (time(claims, name).filter(from -> from.isAfter(now.plus(skew))).isPresent()) {
        throw new Refusal(Reason.NOT_YET_VALID, name + ": in the future");
      }
    }
    if (claims.has("jti") && CompactToken.text(claims, "jti").isEmpty()) {
      throw new Refusal(Reason.CLAIM, "jti: no text (expected: text, or absent)");
    }
    return expiresAt;
  }

  /**
   * Checks the expiry alone, of a token whose claims were acceptable a moment ago.
   *
   * @param expiresAt the claim {@code exp}
   * @param now the time
   * @throws Refusal if it has passed
   */
  public void requireUnexpired(Instant expiresAt, Instant now) throws Refusal {
    if (!now.isBefore(expiresAt.plus(skew))) {
      throw new Refusal(Reason.EXPIRED, "exp: passed");
    }
  }

  /**
   * A claim that is a time.
   *
   * @param claims of the token
   * @param name of the claim
   * @return the time in whole seconds, rounded down; empty if there is no such claim
   * @throws Refusal if it is something else
   */
  public static Optional<Instant> time(ObjectNode claims, String name) throws Refusal {
    JsonNode value = claims.get(name);
    if (value == null) {
      return Optional.empty();
    }
    double seconds = value.isNumber() ? value.doubleValue() : -1;
    if (!(seconds >= 0 && seconds <= MAX_EPOCH_SECOND)) {
      throw new Refusal(
          Reason.CLAIM, name + ": not a time (expected: seconds since 1970, up to the year 9999)");
    }
    return Optional.of(Instant.ofEpochSecond((long) seconds));
  }

  static List<String> audience(ObjectNode claims) throws Refusal {
    JsonNode audience = claims.get("aud");
    if (audience == null) {
      return List.of();
    }
    return audience.isTextual() ? List.of(audience.textValue()) : texts("aud", audience);
  }

  static List<String> texts(String name, JsonNode array) throws Refusal {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : array) {
      if (value.isTextual()) {
        texts.add(value.textValue());
      }
    }
    if (!array.isArray() || texts.size() != array.size()) {
      throw new Refusal(Reason.CLAIM, name + ": neither text nor a list of texts");
    }
    return texts;
  }
}
