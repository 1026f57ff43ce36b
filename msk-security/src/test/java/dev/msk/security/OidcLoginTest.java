package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.SignedJWT;
import dev.msk.core.testing.ManualTime;
import dev.msk.security.OidcLogin.Active;
import dev.msk.security.OidcLogin.Anonymous;
import dev.msk.security.OidcLogin.Current;
import dev.msk.security.OidcLogin.LoggedIn;
import dev.msk.security.OidcLogin.Redirect;
import dev.msk.security.OidcLogin.Refused;
import dev.msk.security.OidcLogin.Unavailable;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.Verification.Verified;
import dev.msk.security.testing.TestIdp;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class OidcLoginTest {

  private static final URI CALLBACK = URI.create("https://shop.example/login/callback");
  private static final byte[] KEY =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-29T12:00:00Z"));
  private final TestIdp idp =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(time).start();
  private final HttpClient browser = HttpClient.newHttpClient();
  private final Map<String, String> cookies = new HashMap<>();
  private final List<SecurityEvent> seen = new CopyOnWriteArrayList<>();
  private final Revocations revocations = Revocations.builder().clock(time).build();
  private OidcProvider provider;
  private OidcLogin login;

  @BeforeEach
  void discover() throws Exception {
    provider = OidcProvider.discover(idp.issuer()).toCompletableFuture().get(60, TimeUnit.SECONDS);
    login = builder().cookieKey(KEY).build();
  }

  @AfterEach
  void stop() {
    idp.close();
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> OidcLogin.builder(
                provider,
                JwksSource.discover("https://other.example").build(),
                " ",
                ClientAuthentication.secretBasic("shop", "s3cret"),
                URI.create("http://shop.example/"))
            .cookieKey(new byte[16])
            .maxAge(Duration.ofDays(31))
            .timeout(Duration.ZERO)
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cookieKey: 16 bytes (expected: 32)")
        .hasMessageContaining("keys: of https://other.example (expected: of ")
        .hasMessageContaining("redirectUri: http://shop.example/ (expected: ")
        .hasMessageContaining("clientId: blank")
        .hasMessageContaining("maxAge: PT744H (expected: ")
        .hasMessageContaining("timeout: PT0S (expected: ");
  }

  @Test
  void user_logsIn_andIsKnownByTheCookie() throws Exception {
    LoggedIn in = (LoggedIn) logIn("/basket?x=1");

    assertThat(in.returnTo()).isEqualTo("/basket?x=1");
    assertThat(in.session().subject()).isEqualTo("alice");
    assertThat(in.session().sessionId()).isPresent();
    assertThat(in.session().endsAt()).isEqualTo("2026-11-29T20:00:00Z");
    assertThat(in.setCookies())
        .filteredOn(cookie -> !cookie.contains("Max-Age=0"))
        .isNotEmpty()
        .allMatch(cookie -> cookie.startsWith("__Host-msk-session")
            && cookie.endsWith("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=28800"));
    assertThat(cookies.keySet()).allMatch(name -> name.startsWith("__Host-msk-session"));
    assertThat(cookies.toString()).doesNotContain("alice").doesNotContain("eyJ");
    assertThat(session()).isInstanceOfSatisfying(Active.class, active -> {
      assertThat(active.setCookies()).isEmpty();
      assertThat(active.session().toString()).isEqualTo(in.session().toString());
      assertThat(active.session().accessToken().value())
          .isEqualTo(in.session().accessToken().value());
    });
    assertThat(TokenVerifier.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
            .audience("shop")
            .clock(time)
            .build()
            .verify(in.session().accessToken().value()))
        .isInstanceOf(Verified.class);
    assertThat(seen)
        .extracting(SecurityEvent::type)
        .containsExactly(EventType.AUTHN_LOGIN_SUCCESS, EventType.SESSION_CREATED);
    assertThat(in.toString()).doesNotContain("eyJ");
  }

  @Test
  void userWithoutASession_isAnonymous() throws Exception {
    assertThat(session()).isEqualTo(new Anonymous(List.of()));
    assertThat(login.session(null).toCompletableFuture())
        .isCompletedWithValue(new Anonymous(List.of()));
  }

  @Test
  void callback_inAnotherBrowser_orLate_orTwice_isRefused() throws Exception {
    String query = authorize("/");
    Map<String, String> own = Map.copyOf(cookies);

    cookies.clear();
    assertReason(Refused.Reason.STATE, callback(query));
    login.begin("/").setCookies().forEach(this::keep);
    assertReason(Refused.Reason.STATE, callback(query));
    cookies.putAll(own);
    assertReason(Refused.Reason.STATE, callback(query.replace("state=", "state=x")));
    assertReason(Refused.Reason.STATE, callback(query + "&state=x"));
    assertReason(Refused.Reason.STATE, callback(null));
    cookies.putAll(own);
    assertThat(callback(query)).isInstanceOf(LoggedIn.class);
    cookies.putAll(own);
    assertReason(Refused.Reason.PROVIDER, callback(query));
    cookies.putAll(own);
    time.advance(Duration.ofMinutes(10));
    assertReason(Refused.Reason.STATE, callback(query));
  }

  @Test
  void answerOfAnotherProvider_orOfAUserWhoDeclines_isRefused() throws Exception {
    String query = authorize("/");
    Map<String, String> own = Map.copyOf(cookies);
    assertReason(
        Refused.Reason.PROVIDER, callback(query.replaceAll("iss=[^&]*", "iss=https://evil")));

    idp.loginAs(null);
    cookies.putAll(own);
    assertThat(logIn("/"))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.safeMessage()).isEqualTo("provider: access_denied"));
  }

  @Test
  void codeOfAnotherLogin_isOfNoUse() throws Exception {
    String stolen = authorize("/").replaceAll(".*code=([^&]*).*", "$1");
    cookies.clear();
    String own = authorize("/").replaceAll("code=[^&]*", "code=" + stolen);

    assertThat(callback(own))
        .isInstanceOfSatisfying(
            Refused.class,
            refused ->
                assertThat(refused.safeMessage()).isEqualTo("code: not taken, invalid_grant"));
  }

  @Test
  void providerThatIsAway_isUnavailable() throws Exception {
    String query = authorize("/");
    idp.down(true);

    assertReason(Refused.Reason.UNAVAILABLE, callback(query));
  }

  @Test
  void user_isSentToPathsOfThisHostOnly() throws Exception {
    for (String evil : List.of(
        "https://evil.example/", "//evil.example/", "/\\evil.example", "evil", "", "/a\r\nX: y")) {
      assertThat(((LoggedIn) logIn(evil)).returnTo()).isEqualTo("/");
      cookies.clear();
    }
  }

  @Test
  void accessToken_isRenewed_onceForAllRequests() throws Exception {
    LoggedIn in = (LoggedIn) logIn("/");
    time.advance(Duration.ofSeconds(271));
    String header = header();

    List<CompletableFuture<Current>> requests = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      requests.add(login.session(header).toCompletableFuture());
    }
    Active renewed = (Active) requests.get(0).get(60, TimeUnit.SECONDS);
    for (CompletableFuture<Current> request : requests) {
      assertThat(((Active) request.get(60, TimeUnit.SECONDS))
              .session()
              .accessToken()
              .value())
          .isEqualTo(renewed.session().accessToken().value())
          .isNotEqualTo(in.session().accessToken().value());
    }
    assertThat(login.session(header).toCompletableFuture().get(60, TimeUnit.SECONDS))
        .isInstanceOf(Active.class);
    assertThat(renewed.session().endsAt()).isEqualTo(in.session().endsAt());

    renewed.setCookies().forEach(this::keep);
    time.advance(Duration.ofMinutes(5));
    assertThat(session()).isInstanceOf(Active.class);
  }

  @Test
  void refreshTokenThatIsNotTaken_endsTheSession() throws Exception {
    assertThat(logIn("/")).isInstanceOf(LoggedIn.class);
    time.advance(Duration.ofMinutes(5));
    OidcLogin otherProcess = builder().cookieKey(KEY).build();
    assertThat(otherProcess.session(header()).toCompletableFuture().get(60, TimeUnit.SECONDS))
        .isInstanceOf(Active.class);

    Current ended = session();

    assertThat(ended)
        .isInstanceOfSatisfying(
            Anonymous.class,
            anonymous -> assertThat(anonymous.setCookies())
                .hasSize(4)
                .allMatch(cookie -> cookie.contains("Max-Age=0")));
    assertThat(seen).last().extracting(SecurityEvent::type).isEqualTo(EventType.SESSION_EXPIRED);
  }

  @Test
  void providerThatIsAway_leavesTheAccessTokenToItsEnd() throws Exception {
    assertThat(logIn("/")).isInstanceOf(LoggedIn.class);
    idp.down(true);

    time.advance(Duration.ofSeconds(280));
    assertThat(session()).isInstanceOf(Active.class);
    time.advance(Duration.ofSeconds(20));
    assertThat(session()).isInstanceOf(Unavailable.class);
    idp.down(false);
    assertThat(session()).isInstanceOf(Active.class);
  }

  @Test
  void session_endsAfterItsMaxAge() throws Exception {
    login = builder().cookieKey(KEY).maxAge(Duration.ofMinutes(4)).build();
    assertThat(logIn("/")).isInstanceOf(LoggedIn.class);

    time.advance(Duration.ofMinutes(4));

    assertThat(session()).isInstanceOf(Anonymous.class);
    assertThat(seen)
        .last()
        .extracting(SecurityEvent::type)
        .isEqualTo(EventType.SESSION_USE_AFTER_EXPIRE);
  }

  @Test
  void sessionThatTheProviderEnds_isRefusedWithItsNextUse() throws Exception {
    LoggedIn in = (LoggedIn) logIn("/");

    revocations.add(new Revocation.Session(in.session().sessionId().orElseThrow()));

    assertThat(session()).isInstanceOf(Anonymous.class);
  }

  @Test
  void logout_clearsTheSession_andGoesToTheProvider() throws Exception {
    assertThat(logIn("/")).isInstanceOf(LoggedIn.class);

    Redirect out = login.logout(header(), URI.create("https://shop.example/"));

    out.setCookies().forEach(this::keep);
    assertThat(cookies).isEmpty();
    assertThat(out.location().toString())
        .matches(Pattern.quote(idp.issuer())
            + "/logout\\?id_token_hint=[\\w-]+\\.[\\w-]+\\.[\\w-]+&client_id=shop"
            + "&post_logout_redirect_uri=https%3A%2F%2Fshop\\.example%2F");
    String hint = out.location().getQuery().replaceAll(".*id_token_hint=([^&]*).*", "$1");
    assertThat(SignedJWT.parse(hint).getJWTClaimsSet().getSubject()).isEqualTo("alice");
    assertThat(SignedJWT.parse(hint).getJWTClaimsSet().getAudience()).containsExactly("shop");
  }

  @Test
  void logout_afterARenewal_hasStillItsHint_andWithoutASessionNone() throws Exception {
    assertThat(logIn("/")).isInstanceOf(LoggedIn.class);
    time.advance(Duration.ofMinutes(5));
    ((Active) session()).setCookies().forEach(this::keep);
    URI home = URI.create("https://shop.example/");

    assertThat(login.logout(header(), home).location().getQuery()).contains("id_token_hint=");
    assertThat(login.logout(null, home).location())
        .isEqualTo(login.logout("x=y", home).location())
        .hasToString(idp.issuer()
            + "/logout?client_id=shop&post_logout_redirect_uri=https%3A%2F%2Fshop.example%2F");
  }

  @Test
  void cookieKeys_canBeRotated() throws Exception {
    byte[] next = "fedcba9876543210fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
    assertThat(logIn("/")).isInstanceOf(LoggedIn.class);

    login = builder().cookieKey(next).cookieKey(KEY).build();
    assertThat(session()).isInstanceOf(Active.class);
    time.advance(Duration.ofMinutes(5));
    ((Active) session()).setCookies().forEach(this::keep);
    login = builder().cookieKey(next).build();
    assertThat(session()).isInstanceOf(Active.class);
    login = builder().cookieKey(KEY).build();
    assertThat(session()).isEqualTo(new Anonymous(List.of()));
  }

  @Test
  void cookiesThatWereChanged_neitherPassNorThrow() throws Exception {
    assertThat(logIn("/")).isInstanceOf(LoggedIn.class);
    String good = header();
    String flow = login.begin("/").setCookies().get(0).replaceAll("^[^=]*=|;.*", "");
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);

    for (int i = 0; i < 3_000; i++) {
      int at = random.nextInt("__Host-msk-session=".length(), good.length());
      char other = (char) random.nextInt(0x21, 0x7f);
      if (other != good.charAt(at)) {
        String changed = good.substring(0, at) + other + good.substring(at + 1);
        assertThat(login.session(changed).toCompletableFuture().get(60, TimeUnit.SECONDS))
            .as("seed %d, round %d: %s at %d", seed, i, other, at)
            .isInstanceOf(Anonymous.class);
      }
    }
    for (String odd : List.of(
        "",
        ";",
        "=",
        "__Host-msk-session",
        "__Host-msk-session=",
        good + "; " + good,
        "__Host-msk-session=" + flow)) {
      assertThat(login.session(odd).toCompletableFuture().get(60, TimeUnit.SECONDS))
          .isInstanceOf(Anonymous.class);
    }
    assertReason(Refused.Reason.STATE, callback("%zz=&state=%"));
  }

  private OidcLoginBuilder builder() {
    return OidcLogin.builder(
            provider,
            JwksSource.fixed(idp.jwks()),
            "shop",
            ClientAuthentication.secretBasic("shop", "s3cret"),
            CALLBACK)
        .scopes("orders:write")
        .revocations(revocations)
        .timeout(Duration.ofSeconds(30))
        .clock(time)
        .events(SecurityEvents.builder("gateway")
            .lines((level, json) -> {})
            .listener(seen::add)
            .build());
  }

  private OidcLogin.Callback logIn(String returnTo) throws Exception {
    return callback(authorize(returnTo));
  }

  /** The way of the browser to the provider and back: the query that it comes back with. */
  private String authorize(String returnTo) throws Exception {
    Redirect begun = login.begin(returnTo);
    begun.setCookies().forEach(this::keep);
    String location = browser
        .send(HttpRequest.newBuilder(begun.location()).build(), BodyHandlers.discarding())
        .headers()
        .firstValue("Location")
        .orElseThrow();
    assertThat(location).startsWith(CALLBACK + "?");
    return URI.create(location).getRawQuery();
  }

  private OidcLogin.Callback callback(String query) throws Exception {
    OidcLogin.Callback result =
        login.callback(query, header()).toCompletableFuture().get(60, TimeUnit.SECONDS);
    List<String> set =
        result instanceof LoggedIn in ? in.setCookies() : ((Refused) result).setCookies();
    set.forEach(this::keep);
    return result;
  }

  private Current session() throws Exception {
    return login.session(header()).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private void keep(String setCookie) {
    String name = setCookie.substring(0, setCookie.indexOf('='));
    String value = setCookie.substring(name.length() + 1, setCookie.indexOf(';'));
    if (value.isEmpty()) {
      cookies.remove(name);
    } else {
      cookies.put(name, value);
    }
  }

  private String header() {
    return cookies.entrySet().stream()
        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
        .collect(Collectors.joining("; "));
  }

  private static void assertReason(Refused.Reason reason, OidcLogin.Callback result) {
    assertThat(result)
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.reason()).as(refused.safeMessage()).isEqualTo(reason));
  }
}
