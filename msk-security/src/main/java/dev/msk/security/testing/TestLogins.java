package dev.msk.security.testing;

import dev.msk.security.testing.IdpServer.Reply;
import dev.msk.security.testing.IdpServer.Request;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Logins of users at a {@link TestIdp}: codes with PKCE that work once, refresh tokens that work once. Thread-safe. */
final class TestLogins {

  private static final Duration ACCESS_LIFE = Duration.ofMinutes(5);

  private final Map<String, Login> codes = new ConcurrentHashMap<>();
  private final Map<String, Login> refreshTokens = new ConcurrentHashMap<>();
  private volatile @Nullable String user = "alice";

  void user(@Nullable String subject) {
    this.user = subject;
  }

  Reply authorize(Request request, String issuer) {
    String back = request.parameter("redirect_uri") + "?state="
        + encoded(request.parameter("state")) + "&iss=" + encoded(issuer);
    String subject = user;
    if (subject == null) {
      return Reply.redirect(back + "&error=access_denied");
    }
    if (!request.parameter("code_challenge_method").equals("S256")
        || !request.parameter("response_type").equals("code")) {
      return Reply.redirect(back + "&error=invalid_request");
    }
    String code = UUID.randomUUID().toString();
    codes.put(code, new Login(subject, UUID.randomUUID().toString(), request));
    return Reply.redirect(back + "&code=" + code);
  }

  Reply token(Request request, TestIdp idp, InstantSource clock) {
    if (!request.isOfAClient()) {
      return Reply.error(401, "invalid_client");
    }
    boolean first = request.parameter("grant_type").equals("authorization_code");
    Login login = first
        ? codes.remove(request.parameter("code"))
        : refreshTokens.remove(request.parameter("refresh_token"));
    if (login == null || (first && !login.isEndedBy(request))) {
      return Reply.error(400, "invalid_grant");
    }
    String refreshToken = UUID.randomUUID().toString();
    refreshTokens.put(refreshToken, login);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("token_type", "Bearer");
    answer.put("expires_in", ACCESS_LIFE.toSeconds());
    answer.put(
        "access_token",
        idp.token(login.subject).audience("shop").claim("sid", login.session).sign());
    answer.put("refresh_token", refreshToken);
    if (first) {
      answer.put("id_token", login.idToken(idp, clock));
    }
    return Reply.of(TestIdp.json(answer));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private record Login(String subject, String session, Request begun) {

    boolean isEndedBy(Request request) {
      return request.parameter("redirect_uri").equals(begun.parameter("redirect_uri"))
          && challenge(request.parameter("code_verifier"))
              .equals(begun.parameter("code_challenge"));
    }

    String idToken(TestIdp idp, InstantSource clock) {
      return idp.token(subject)
          .header("typ", "JWT")
          .audience(begun.parameter("client_id"))
          .claim("nonce", begun.parameter("nonce"))
          .claim("sid", session)
          .claim("auth_time", clock.instant().getEpochSecond())
          .sign();
    }

    private static String challenge(String verifier) {
      try {
        byte[] digest = MessageDigest.getInstance("SHA-256")
            .digest(verifier.getBytes(StandardCharsets.US_ASCII));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("SHA-256", e);
      }
    }
  }
}
