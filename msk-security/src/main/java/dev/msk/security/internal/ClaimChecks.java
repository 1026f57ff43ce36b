package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.core.CallContext;
import dev.msk.security.TokenProfile;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Verified;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What the header and the claims of an access token must say. Immutable.
 *
 * @param profile which types are access tokens
 * @param issuer compared exactly
 * @param audiences one of them must be meant
 * @param skew by which clocks may differ
 */
public record ClaimChecks(
    TokenProfile profile, String issuer, Set<String> audiences, Duration skew) {

  /** Year 9999; {@code exp} beyond it is a mistake or an attempt to overflow. */
  private static final long MAX_EPOCH_SECOND = 253_402_300_799L;

  /**
   * Checks the type, before any cryptography.
   *
   * @param token taken apart
   * @throws Refusal if it is not an access token
   */
  public void type(CompactToken token) throws Refusal {
    boolean absent = !token.header().has("typ");
    String type = CompactToken.text(token.header(), "typ").orElse("").toLowerCase(Locale.ROOT);
    String bare = type.startsWith("application/") ? type.substring("application/".length()) : type;
    boolean accepted = bare.equals("at+jwt")
        || switch (profile) {
          case ACCESS_TOKEN -> false;
          case KEYCLOAK -> bare.equals("jwt") && isKeycloakAccess(token.claims());
          case AUTH0 -> bare.equals("jwt");
          case OKTA -> absent;
        };
    if (!accepted) {
      throw new Refusal(Reason.TYPE, "typ: not that of an access token (profile " + profile + ")");
    }
  }

  /**
   * Checks the claims; their signature holds.
   *
   * @param claims of the token
   * @param now the time
   * @return the verified token
   * @throws Refusal if a claim is not acceptable
   */
  public Verified claims(ObjectNode claims, Instant now) throws Refusal {
    if (!CompactToken.text(claims, "iss").equals(Optional.of(issuer))) {
      throw new Refusal(Reason.ISSUER, "iss: another issuer (expected: " + issuer + ")");
    }
    if (audience(claims).stream().noneMatch(audiences::contains)) {
      throw new Refusal(Reason.AUDIENCE, "aud: for others (expected: one of " + audiences + ")");
    }
    Instant expiresAt =
        time(claims, "exp").orElseThrow(() -> new Refusal(Reason.CLAIM, "exp: absent"));
    if (!now.isBefore(expiresAt.plus(skew))) {
      throw new Refusal(Reason.EXPIRED, "exp: passed");
    }
    for (String name : List.of("nbf", "iat")) {
      if (time(claims, name).filter(from -> from.isAfter(now.plus(skew))).isPresent()) {
        throw new Refusal(Reason.NOT_YET_VALID, name + ": in the future");
      }
    }
    if (claims.has("cnf")) {
      throw new Refusal(Reason.BINDING, "cnf: bound to a sender's key, of which there is no proof");
    }
    return new Verified(subject(claims), scopes(claims), expiresAt, StrictJson.values(claims));
  }

  private static boolean isKeycloakAccess(ObjectNode claims) {
    return CompactToken.text(claims, "typ").equals(Optional.of("Bearer"));
  }

  private static List<String> audience(ObjectNode claims) throws Refusal {
    JsonNode audience = claims.get("aud");
    if (audience == null) {
      return List.of();
    }
    return audience.isTextual() ? List.of(audience.textValue()) : texts("aud", audience);
  }

  private static Optional<Instant> time(ObjectNode claims, String name) throws Refusal {
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

  private static String subject(ObjectNode claims) throws Refusal {
    String subject = CompactToken.text(claims, "sub").orElse("");
    boolean fits = !subject.isEmpty()
        && subject.length() <= CallContext.MAX_SUBJECT_LENGTH
        && subject.chars().noneMatch(Character::isISOControl);
    if (!fits) {
      throw new Refusal(
          Reason.CLAIM, "sub: absent or unfit (expected: 1 to 256 printable characters)");
    }
    return subject;
  }

  private static Set<String> scopes(ObjectNode claims) throws Refusal {
    Set<String> scopes = new LinkedHashSet<>();
    for (String name : List.of("scope", "scp")) {
      JsonNode value = claims.get(name);
      if (value != null && value.isTextual()) {
        scopes.addAll(List.of(value.textValue().split(" ", -1)));
      } else if (value != null) {
        scopes.addAll(texts(name, value));
      }
    }
    scopes.removeIf(String::isBlank);
    return scopes;
  }

  private static List<String> texts(String name, JsonNode array) throws Refusal {
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
