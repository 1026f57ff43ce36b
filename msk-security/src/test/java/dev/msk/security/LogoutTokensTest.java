package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.security.LogoutTokens.LoggedOut;
import dev.msk.security.LogoutTokens.Refused;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.http.LogoutEndpoint;
import dev.msk.security.testing.TestIdp;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logout tokens: honest ones, attacks on them, and what they do to access tokens. */
final class LogoutTokensTest {

  private static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";
  private static final ManualTime TIME = ManualTime.create();
  private static final TestIdp IDP =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(TIME).start();
  private static final TestIdp FOREIGN =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(TIME).start();
  private static final JwksSource KEYS = JwksSource.fixed(IDP.jwks());
  private static final LogoutTokens READER =
      LogoutTokens.builder(IDP.issuer(), KEYS).client("shop-web").clock(TIME).build();

  private final Revocations revocations =
      Revocations.builder().maxEntries(3).clock(TIME).build();
  private final LogoutEndpoint endpoint = LogoutEndpoint.of(READER, revocations);
  private final TokenVerifier verifier = TokenVerifier.builder(IDP.issuer(), KEYS)
      .audience("orders")
      .revocations(revocations)
      .clock(TIME)
      .build();

  @AfterAll
  static void stop() {
    IDP.close();
    FOREIGN.close();
  }

  @Test
  void sessionWithItsSubject_takesBackTheSession_andTokensWithoutOne() {
    Instant now = TIME.instant();

    assertThat(READER.read(logout().claim("sid", "s1").sign()))
        .isEqualTo(new LoggedOut(List.of(
            new Revocation.Session("s1"), new Revocation.SubjectWithoutSession("alice", now))));
    assertThat(READER.read(logout().claim("sid", "s1").claim("sub", null).sign()))
        .isEqualTo(new LoggedOut(List.of(new Revocation.Session("s1"))));
    assertThat(READER.read(logout().sign()))
        .isEqualTo(new LoggedOut(List.of(new Revocation.Subject("alice", now))));
  }

  @Test
  void logout_endsAccessTokensThatWereGood() {
    String access = access().claim("sid", "s1").sign();
    String other = access().claim("sid", "s2").sign();
    assertThat(verifier.verify(access)).isInstanceOf(Verified.class);

    assertThat(endpoint.post(form(logout().claim("sid", "s1").sign()))).isEqualTo(200);

    assertThat(verifier.verify(access)).isEqualTo(new Rejected(Reason.REVOKED, "sid: revoked"));
    assertThat(verifier.verify(other)).isInstanceOf(Verified.class);
  }

  @Test
  void logoutTokenThatIsSentAgain_doesNotEndWhatBeganSince() {
    String logout = logout().life(Duration.ofMinutes(2)).sign();
    assertThat(endpoint.post(form(logout))).isEqualTo(200);
    TIME.advance(Duration.ofSeconds(1));
    String since = access().sign();

    assertThat(endpoint.post(form(logout))).isEqualTo(200);

    assertThat(verifier.verify(since)).isInstanceOf(Verified.class);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void attack_isRefusedForItsReason(String name, @Nullable String token, Reason reason) {
    assertThat(READER.read(token))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.reason()).as(refused.safeMessage()).isEqualTo(reason));
    assertThat(endpoint.post(form(token == null ? "" : token))).isEqualTo(400);
    assertThat(revocations.size()).isZero();
  }

  static Stream<Arguments> attack_isRefusedForItsReason() {
    String token = logout().sign();
    return Stream.of(
        row("nothing", null, Reason.MALFORMED),
        row("access token", access().sign(), Reason.TYPE),
        row("plain JWT", logout().header("typ", "JWT").sign(), Reason.TYPE),
        row("no type", logout().header("typ", null).sign(), Reason.TYPE),
        row("alg none", logout().header("alg", "none").sign(), Reason.ALGORITHM),
        row("signature cut off", token.substring(0, token.lastIndexOf('.') + 1), Reason.SIGNATURE),
        row(
            "another issuer's key",
            FOREIGN
                .token("alice")
                .header("typ", "logout+jwt")
                .header("kid", IDP.keyId(TokenAlgorithm.ES256))
                .sign(),
            Reason.SIGNATURE),
        row("another issuer", logout().claim("iss", FOREIGN.issuer()).sign(), Reason.ISSUER),
        row("another client", logout().audience("shop-app").sign(), Reason.AUDIENCE),
        row("expired", logout().life(Duration.ofSeconds(-31)).sign(), Reason.EXPIRED),
        row("no exp", logout().claim("exp", null).sign(), Reason.CLAIM),
        row("no iat", logout().claim("iat", null).sign(), Reason.CLAIM),
        row(
            "iat in the future",
            logout().claim("iat", TIME.instant().getEpochSecond() + 31).sign(),
            Reason.NOT_YET_VALID),
        row("no jti", logout().claim("jti", null).sign(), Reason.CLAIM),
        row("a nonce, as in an ID token", logout().claim("nonce", "n").sign(), Reason.CLAIM),
        row("no events", logout().claim("events", null).sign(), Reason.CLAIM),
        row("another event", logout().claim("events", Map.of("x", Map.of())).sign(), Reason.CLAIM),
        row("event of text", logout().claim("events", Map.of(EVENT, "x")).sign(), Reason.CLAIM),
        row("nobody", logout().claim("sub", null).sign(), Reason.CLAIM),
        row("sid a number", logout().claim("sid", 1).sign(), Reason.CLAIM),
        row("sid empty", logout().claim("sid", "").sign(), Reason.CLAIM),
        row("sid too long", logout().claim("sid", "s".repeat(257)).sign(), Reason.CLAIM));
  }

  @Test
  void anyType_relaxesTheTypeOnly() {
    LogoutTokens relaxed = LogoutTokens.builder(IDP.issuer(), KEYS)
        .client("shop-web")
        .anyType()
        .clock(TIME)
        .build();

    assertThat(relaxed.read(logout().header("typ", "JWT").sign())).isInstanceOf(LoggedOut.class);
    assertThat(relaxed.read(logout().header("typ", null).sign())).isInstanceOf(LoggedOut.class);
    assertThat(relaxed.read(access().audience("shop-web").header("typ", "JWT").sign()))
        .isInstanceOf(Refused.class);
    assertThat(relaxed.read(logout().header("typ", "at+jwt").sign())).isInstanceOf(Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "logout_token", "logout_token=", "logout_token=%zz", "a=b", "token=x.y.z"})
  void malformedForm_is400(String form) {
    assertThat(endpoint.post(form)).isEqualTo(400);
  }

  @Test
  void formThatNamesTwoTokens_orIsTooLong_is400() {
    String form = form(logout().sign());

    assertThat(endpoint.post(form + "&" + form)).isEqualTo(400);
    assertThat(endpoint.post(form + "&x=" + "x".repeat(16_384))).isEqualTo(400);
    assertThat(endpoint.post("x=1&" + form + "&y=2")).isEqualTo(200);
  }

  @Test
  void noRoom_is503_soThatTheIssuerKnows() {
    Stream.of("s1", "s2", "s3").map(Revocation.Session::new).forEach(revocations::add);

    assertThat(endpoint.post(form(logout().claim("sid", "s4").sign()))).isEqualTo(503);
  }

  @Test
  void issuerThatIsAway_is503() {
    try (TestIdp away =
        TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(TIME).start()) {
      away.down(true);
      LogoutTokens reader = LogoutTokens.builder(
              away.issuer(), JwksSource.discover(away.issuer()).build())
          .client("shop-web")
          .clock(TIME)
          .build();
      String token = away.token("alice").header("typ", "logout+jwt").sign();

      assertThat(LogoutEndpoint.of(reader, revocations)
              .postAsync(form(token))
              .toCompletableFuture()
              .join())
          .isEqualTo(503);
    }
  }

  @Test
  void build_namesEveryFault() {
    JwksSource others = JwksSource.discover("https://other.example").build();

    assertThatThrownBy(() -> LogoutTokens.builder("https://id.example", others).build())
        .hasMessage("keys: of https://other.example (expected: of https://id.example); "
            + "client: [] (expected: at least one, none blank)");
  }

  private static TestIdp.Token logout() {
    return IDP.token("alice")
        .header("typ", "logout+jwt")
        .audience("shop-web")
        .claim("events", Map.of(EVENT, Map.of()));
  }

  private static TestIdp.Token access() {
    return IDP.token("alice").audience("orders");
  }

  private static String form(String token) {
    return "logout_token=" + URLEncoder.encode(token, StandardCharsets.UTF_8);
  }

  private static Arguments row(String name, @Nullable String token, Reason reason) {
    return Arguments.of(name, token, reason);
  }
}
