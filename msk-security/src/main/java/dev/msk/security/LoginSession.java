package dev.msk.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.internal.CodeGrant;
import dev.msk.security.internal.CompactToken;
import dev.msk.security.internal.StrictJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * A user who is logged in. Immutable; kept by the browser, in a cookie that it cannot read.
 *
 * @param subject who it is
 * @param sessionId of the session at the issuer, if it has told
 * @param accessToken to call services with on behalf of the user
 * @param accessExpiresAt until when that is valid
 * @param loggedInAt when the user has logged in, by the issuer's clock
 * @param endsAt when the user has to log in again
 */
public record LoginSession(
    String subject,
    Optional<String> sessionId,
    BearerToken accessToken,
    Instant accessExpiresAt,
    Instant loggedInAt,
    Instant endsAt) {

  /** With what only the cookie has. The ID token is a hint for the logout, and is left out where the cookie would be too long. */
  record Sealed(LoginSession session, Optional<String> refreshToken, Optional<String> idToken) {

    private static final int MAX_TOKENS_LENGTH = 8_000;

    static Sealed of(IdTokens.User user, CodeGrant.Granted granted, Instant now, Instant endsAt) {
      LoginSession session = new LoginSession(
          user.subject(),
          user.session(),
          BearerToken.of(granted.accessToken()),
          now.plus(granted.life()),
          user.issuedAt(),
          endsAt);
      return new Sealed(session, granted.refreshToken(), granted.idToken());
    }

    /** The same session with other tokens; an issuer that gives no new refresh token leaves the old one. */
    Sealed renewed(CodeGrant.Granted granted, Instant now) {
      LoginSession renewed = new LoginSession(
          session.subject,
          session.sessionId,
          BearerToken.of(granted.accessToken()),
          now.plus(granted.life()),
          session.loggedInAt,
          session.endsAt);
      return new Sealed(
          renewed,
          granted.refreshToken().or(() -> refreshToken),
          granted.idToken().or(() -> idToken));
    }

    String json() {
      ObjectNode json = JsonNodeFactory.instance
          .objectNode()
          .put("sub", session.subject)
          .put("at", session.accessToken.value())
          .put("ax", session.accessExpiresAt.getEpochSecond())
          .put("in", session.loggedInAt.getEpochSecond())
          .put("end", session.endsAt.getEpochSecond());
      session.sessionId.ifPresent(id -> json.put("sid", id));
      refreshToken.ifPresent(token -> json.put("rt", token));
      int others =
          session.accessToken.value().length() + refreshToken.orElse("").length();
      idToken
          .filter(token -> token.length() + others <= MAX_TOKENS_LENGTH)
          .ifPresent(token -> json.put("it", token));
      return StrictJson.write(json);
    }

    static Optional<Sealed> parse(String text) {
      return StrictJson.object(text.getBytes(StandardCharsets.UTF_8))
          .map(json -> new Sealed(
              new LoginSession(
                  CompactToken.text(json, "sub").orElseThrow(),
                  CompactToken.text(json, "sid"),
                  BearerToken.of(CompactToken.text(json, "at").orElseThrow()),
                  time(json, "ax"),
                  time(json, "in"),
                  time(json, "end")),
              CompactToken.text(json, "rt"),
              CompactToken.text(json, "it")));
    }

    private static Instant time(ObjectNode json, String name) {
      JsonNode value = json.get(name);
      return Instant.ofEpochSecond(value == null ? 0 : value.longValue());
    }

    /** Who it is, and no token. */
    @Override
    public String toString() {
      return session.toString();
    }
  }
}
