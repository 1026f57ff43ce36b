package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.core.CallContext;
import dev.msk.security.TokenProfile;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Verified;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the header and the claims of an access token must say. Immutable.
 *
 * @param profile which types are access tokens
 * @param origin what it shares with other tokens of the issuer
 */
public record ClaimChecks(TokenProfile profile, OriginChecks origin) {

  /** Its other tokens are ID, Refresh, Offline, Logout and more. */
  private static final Set<String> KEYCLOAK_TYPES = Set.of("Bearer", "DPoP");

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
    Instant expiresAt = origin.require(claims, now);
    return new Verified(
        subject(claims, "sub"), scopes(claims), expiresAt, StrictJson.values(claims));
  }

  private static boolean isKeycloakAccess(ObjectNode claims) {
    return CompactToken.text(claims, "typ").filter(KEYCLOAK_TYPES::contains).isPresent();
  }

  /**
   * A claim that names somebody.
   *
   * @param claims of the token
   * @param claim its name
   * @return 1 to 256 printable characters
   * @throws Refusal if it is something else
   */
  public static String subject(ObjectNode claims, String claim) throws Refusal {
    String subject = CompactToken.text(claims, claim).orElse("");
    boolean fits = !subject.isEmpty()
        && subject.length() <= CallContext.MAX_SUBJECT_LENGTH
        && subject.chars().noneMatch(Character::isISOControl);
    if (!fits) {
      throw new Refusal(
          Reason.CLAIM, claim + ": absent or unfit (expected: 1 to 256 printable characters)");
    }
    return subject;
  }

  static Set<String> scopes(ObjectNode claims) throws Refusal {
    Set<String> scopes = new LinkedHashSet<>();
    for (String name : List.of("scope", "scp")) {
      JsonNode value = claims.get(name);
      if (value != null && value.isTextual()) {
        scopes.addAll(List.of(value.textValue().split(" ", -1)));
      } else if (value != null) {
        scopes.addAll(OriginChecks.texts(name, value));
      }
    }
    scopes.removeIf(String::isBlank);
    return scopes;
  }
}
