package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an issuer has said of a token that it was asked about. */
public sealed interface IntrospectionAnswer {

  /**
   * It is valid, and for us.
   *
   * @param verified what it says
   */
  record Active(Verified verified) implements IntrospectionAnswer {}

  /**
   * It is not valid, or not for us.
   *
   * @param rejected why
   */
  record Inactive(Rejected rejected) implements IntrospectionAnswer {}

  /**
   * The issuer has not said; the token may be good.
   *
   * @param rejected why
   * @param away whether others will not be answered either
   */
  record Unknown(Rejected rejected, boolean away) implements IntrospectionAnswer {}

  /**
   * What must be in an answer.
   *
   * @param issuer that it must name; null for whatever it names
   * @param audiences one of which must be meant
   * @param audienceOptional whether it may name none
   * @param untold how long a token is taken whose end is not told
   */
  record Rules(
      @Nullable String issuer, Set<String> audiences, boolean audienceOptional, Duration untold) {

    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final Set<String> TYPES = Set.of("bearer", "dpop");

    /**
     * Reads an answer.
     *
     * @param body of status 200
     * @param now the time
     * @return what it says; nothing is thrown
     */
    public IntrospectionAnswer read(byte[] body, Instant now) {
      Optional<ObjectNode> json = StrictJson.object(body);
      JsonNode active = json.map(answer -> answer.get("active")).orElse(null);
      if (json.isEmpty() || active == null || !active.isBoolean()) {
        return new Unknown(
            new Rejected(
                Reason.KEYS_UNAVAILABLE, "issuer: answered something else than an introspection"),
            false);
      }
      if (!active.booleanValue()) {
        return new Inactive(new Rejected(Reason.INACTIVE, "active: false, says the issuer"));
      }
      try {
        return new Active(verified(json.get(), now));
      } catch (Refusal refusal) {
        return new Inactive(refusal.rejected());
      }
    }

    private Verified verified(ObjectNode claims, Instant now) throws Refusal {
      String type = CompactToken.text(claims, "token_type").orElse("Bearer");
      if (!TYPES.contains(type.toLowerCase(Locale.ROOT))) {
        throw new Refusal(Reason.TYPE, "token_type: not that of an access token");
      }
      if (issuer != null && !CompactToken.text(claims, "iss").equals(Optional.of(issuer))) {
        throw new Refusal(Reason.ISSUER, "iss: another issuer (expected: " + issuer + ")");
      }
      List<String> meant = OriginChecks.audience(claims);
      boolean told = claims.has("aud");
      if ((told || !audienceOptional) && meant.stream().noneMatch(audiences::contains)) {
        throw new Refusal(Reason.AUDIENCE, "aud: for others (expected: one of " + audiences + ")");
      }
      Instant expiresAt = OriginChecks.time(claims, "exp").orElse(now.plus(untold));
      if (!now.isBefore(expiresAt)) {
        throw new Refusal(Reason.EXPIRED, "exp: passed");
      }
      for (String name : List.of("nbf", "iat")) {
        if (OriginChecks.time(claims, name)
            .filter(t -> t.isAfter(now.plus(SKEW)))
            .isPresent()) {
          throw new Refusal(Reason.NOT_YET_VALID, name + ": in the future");
        }
      }
      String subject = ClaimChecks.subject(claims, claims.has("sub") ? "sub" : "client_id");
      return new Verified(
          subject, ClaimChecks.scopes(claims), expiresAt, StrictJson.values(claims));
    }
  }
}
