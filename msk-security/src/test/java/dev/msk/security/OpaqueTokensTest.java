package dev.msk.security;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.msk.core.testing.ManualTime;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.testing.TestIdp;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class OpaqueTokensTest {

  private static final ClientAuthentication CLIENT =
      ClientAuthentication.secretBasic("orders", "s3cret");

  private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-29T12:00:00Z"));
  private final TestIdp idp =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(time).start();
  private final List<AutoCloseable> open = new ArrayList<>(List.of(idp));

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> OpaqueTokens.builder(URI.create("ftp://id.example/i"), CLIENT)
            .cache(0, Duration.ofHours(1))
            .requests(0, Duration.ZERO)
            .client(HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build())
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("introspectionEndpoint: ftp://id.example/i (expected: ")
        .hasMessageContaining("audience: [] (expected: ")
        .hasMessageContaining("cache: 0 entries (expected: >= 1)")
        .hasMessageContaining("cache: for PT1H (expected: ")
        .hasMessageContaining("requests: 0, each PT0S (expected: ")
        .hasMessageContaining("client: follows redirects (expected: ");
  }

  @Test
  void activeToken_isTakenWithWhatTheIssuerSays_andAskedAboutOnce() {
    String token = idp.opaque(idp.token("alice").audience("orders").scopes("orders:write"));
    OpaqueTokens tokens = tokens();

    for (int i = 0; i < 3; i++) {
      assertThat(verify(tokens, token)).isInstanceOfSatisfying(Verified.class, verified -> {
        assertThat(verified.subject()).isEqualTo("alice");
        assertThat(verified.scopes()).containsExactly("orders:write");
        assertThat(verified.clientId()).contains("test");
        assertThat(verified.expiresAt()).isEqualTo("2026-11-29T12:05:00Z");
      });
    }
    assertThat(idp.introspections()).isEqualTo(1);
  }

  @Test
  void tokenThatTheIssuerTakesBack_isRefusedAfterTheAgeOfTheCache() {
    String token = idp.opaque(idp.token("alice").audience("orders"));
    OpaqueTokens tokens = tokens();
    assertThat(verify(tokens, token)).isInstanceOf(Verified.class);
    idp.revoke(token);

    time.advance(Duration.ofSeconds(29));
    assertThat(verify(tokens, token)).isInstanceOf(Verified.class);
    time.advance(Duration.ofSeconds(1));

    assertThat(verify(tokens, token))
        .isEqualTo(new Rejected(Reason.INACTIVE, "active: false, says the issuer"));
  }

  @Test
  void answer_isNeverKeptBeyondTheEndOfTheToken() {
    String token = idp.opaque(idp.token("alice").audience("orders").life(Duration.ofSeconds(10)));
    OpaqueTokens tokens = tokens();
    assertThat(verify(tokens, token)).isInstanceOf(Verified.class);

    time.advance(Duration.ofSeconds(10));

    assertThat(verify(tokens, token)).isInstanceOf(Rejected.class);
    assertThat(idp.introspections()).isEqualTo(2);
  }

  @Test
  void revocation_isSeenWithTheNextUse() {
    String token = idp.opaque(idp.token("alice").audience("orders"));
    Revocations revocations = Revocations.builder().clock(time).build();
    OpaqueTokens tokens = opened(builder().revocations(revocations).build());
    assertThat(verify(tokens, token)).isInstanceOf(Verified.class);

    revocations.add(new Revocation.Subject("alice", time.instant()));

    assertThat(verify(tokens, token)).isEqualTo(new Rejected(Reason.REVOKED, "sub: revoked"));
    assertThat(idp.introspections()).isEqualTo(1);
  }

  @Test
  void whatTheIssuerSays_mustBeForUs() {
    OpaqueTokens tokens = tokens();
    Map<TestIdp.Token, Reason> wrong = Map.of(
        idp.token("alice").audience("billing"), Reason.AUDIENCE,
        idp.token("alice"), Reason.AUDIENCE,
        idp.token("alice").audience("orders").claim("token_type", "refresh_token"), Reason.TYPE,
        idp.token("alice").audience("orders").claim("iss", "https://evil"), Reason.ISSUER,
        idp.token("alice").audience("orders").claim("iss", null), Reason.ISSUER,
        idp.token("").audience("orders"), Reason.CLAIM,
        idp.token("alice").audience("orders").claim("exp", "soon"), Reason.CLAIM,
        idp.token("alice").audience("orders").claim("nbf", 4102444800L), Reason.NOT_YET_VALID,
        idp.token("alice").audience("orders").claim("cnf", Map.of("jkt", "x")), Reason.BINDING);

    wrong.forEach((token, reason) -> assertThat(verify(tokens, idp.opaque(token)))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.reason()).isEqualTo(reason)));
  }

  @Test
  void audienceMayBeAbsent_ifTheIssuerIsTrustedWithIt_butNotWrong() {
    OpaqueTokens tokens = opened(builder().audienceMayBeAbsent().build());

    assertThat(verify(tokens, idp.opaque(idp.token("alice")))).isInstanceOf(Verified.class);
    assertThat(verify(tokens, idp.opaque(idp.token("alice").audience("billing"))))
        .isInstanceOf(Rejected.class);
  }

  @Test
  void tokenOfAClient_isOfThatClient_andOneWithoutEnd_lastsAsLongAsTheAnswer() {
    OpaqueTokens tokens = tokens();
    String token =
        idp.opaque(idp.token("x").audience("orders").claim("sub", null).claim("exp", null));

    assertThat(verify(tokens, token)).isInstanceOfSatisfying(Verified.class, verified -> {
      assertThat(verified.subject()).isEqualTo("test");
      assertThat(verified.expiresAt()).isEqualTo("2026-11-29T12:00:30Z");
    });
  }

  @Test
  void oddTokens_areNotSentToTheIssuer() {
    OpaqueTokens tokens = tokens();

    assertThat(verify(tokens, null)).isInstanceOf(Rejected.class);
    for (String odd : List.of("", "a b", "a\n", "é", "x".repeat(8193))) {
      assertThat(verify(tokens, odd)).isInstanceOf(Rejected.class);
    }
    assertThat(idp.introspections()).isZero();
  }

  @Test
  void issuerThatIsAway_isToldAtOnce_andKnownTokensAreTakenForTheirSeconds() throws Exception {
    String known = idp.opaque(idp.token("alice").audience("orders"));
    String other = idp.opaque(idp.token("bob").audience("orders"));
    List<SecurityEvent> seen = new ArrayList<>();
    OpaqueTokens tokens = opened(builder()
        .events(SecurityEvents.builder("orders")
            .lines((level, json) -> {})
            .listener(seen::add)
            .build())
        .build());
    assertThat(verify(tokens, known)).isInstanceOf(Verified.class);
    idp.down(true);

    assertThat(verify(tokens, other))
        .isEqualTo(new Rejected(Reason.KEYS_UNAVAILABLE, "issuer: no answer"));
    int asked = idp.introspections();
    for (int i = 0; i < 100; i++) {
      assertThat(verify(tokens, "unknown-" + i))
          .isEqualTo(new Rejected(Reason.KEYS_UNAVAILABLE, "issuer: cannot be reached"));
    }
    assertThat(idp.introspections()).isEqualTo(asked);
    assertThat(verify(tokens, known)).isInstanceOf(Verified.class);
    assertThat(seen)
        .hasSize(101)
        .allSatisfy(event -> assertThat(event.type()).isEqualTo(EventType.KEYS_UNAVAILABLE));

    idp.down(false);
    time.advance(Duration.ofSeconds(1));
    assertThat(verify(tokens, other)).isInstanceOf(Verified.class);
    assertThat(verify(tokens, "unknown")).isInstanceOf(Rejected.class);
  }

  @Test
  void wrongSecret_isTheOperatorsBusiness() {
    OpaqueTokens tokens = opened(OpaqueTokens.builder(
            idp.introspectionEndpoint(), ClientAuthentication.secretPost("orders", "s3cret"))
        .audience("orders")
        .build());

    assertThat(verify(tokens, "x"))
        .isEqualTo(new Rejected(Reason.KEYS_UNAVAILABLE, "issuer: status 401"));
  }

  @Test
  void manyRequestsWithOneToken_areOneQuestion_andBeyondTheBoundNoneIsAsked() throws Exception {
    CountDownLatch mayAnswer = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    URI held = serve(body -> {
      asked.incrementAndGet();
      try {
        mayAnswer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return "{\"active\":true,\"sub\":\"alice\",\"aud\":\"orders\"}";
    });
    OpaqueTokens tokens = opened(OpaqueTokens.builder(held, CLIENT)
        .audience("orders")
        .requests(2, Duration.ofSeconds(60))
        .build());

    List<CompletableFuture<Verification>> pending = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      pending.add(tokens.verifyAsync("one", RequestBinding.none()).toCompletableFuture());
    }
    pending.add(tokens.verifyAsync("two", RequestBinding.none()).toCompletableFuture());
    assertThat(pending).noneMatch(CompletableFuture::isDone);
    assertThat(tokens.verifyAsync("three", RequestBinding.none()).toCompletableFuture())
        .isCompletedWithValue(
            new Rejected(Reason.KEYS_UNAVAILABLE, "issuer: asked about too many tokens at a time"));
    mayAnswer.countDown();

    for (CompletableFuture<Verification> result : pending) {
      assertThat(result.get(60, TimeUnit.SECONDS)).isInstanceOf(Verified.class);
    }
    assertThat(asked).hasValue(2);
    assertThat(tokens
            .verifyAsync("three", RequestBinding.none())
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS))
        .isInstanceOf(Verified.class);
  }

  @Test
  void anyAnswer_neitherPassesNorThrows() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    AtomicReference<String> answer = new AtomicReference<>("");
    OpaqueTokens tokens = opened(OpaqueTokens.builder(serve(body -> answer.get()), CLIENT)
        .audience("orders")
        .build());
    List<String> answers = List.of(
        "",
        "null",
        "[]",
        "{}",
        "{\"active\":\"true\"}",
        "{\"active\":1}",
        "{\"active\":false,\"active\":true,\"sub\":\"a\",\"aud\":\"orders\"}",
        "{\"active\":true,\"sub\":\"a\",\"aud\":\"orders\"} x",
        "{\"active\":true,\"sub\":\"a\",\"aud\":{\"a\":\"orders\"}}",
        "{\"active\":true,\"sub\":[\"a\"],\"aud\":\"orders\"}",
        "{\"active\":true,\"sub\":\"a\",\"aud\":\"orders\",\"exp\":1e308}",
        "[".repeat(5000),
        "{\"a\":\"" + "x".repeat(70_000) + "\"}");

    for (int i = 0; i < answers.size(); i++) {
      answer.set(answers.get(i));
      assertThat(verify(tokens, "t-" + i)).as(answers.get(i)).isInstanceOf(Rejected.class);
    }
    for (int i = 0; i < 200; i++) {
      byte[] noise = new byte[random.nextInt(60)];
      random.nextBytes(noise);
      answer.set(new String(noise, StandardCharsets.ISO_8859_1));
      assertThat(verify(tokens, "n-" + i)).as("seed %d", seed).isInstanceOf(Rejected.class);
    }
  }

  @Test
  void redirect_isNotFollowed() throws Exception {
    HttpServer elsewhere =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    AtomicInteger reached = new AtomicInteger();
    elsewhere.createContext("/", exchange -> {
      reached.incrementAndGet();
      exchange.close();
    });
    HttpServer redirecting =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    redirecting.createContext("/", exchange -> {
      exchange
          .getResponseHeaders()
          .set("Location", "http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/");
      exchange.sendResponseHeaders(307, -1);
      exchange.close();
    });
    elsewhere.start();
    redirecting.start();
    open.add(() -> elsewhere.stop(0));
    open.add(() -> redirecting.stop(0));

    OpaqueTokens tokens = opened(OpaqueTokens.builder(
            URI.create("http://127.0.0.1:" + redirecting.getAddress().getPort() + "/"), CLIENT)
        .audience("orders")
        .build());

    assertThat(verify(tokens, "x"))
        .isEqualTo(new Rejected(Reason.KEYS_UNAVAILABLE, "issuer: status 307"));
    assertThat(reached).hasValue(0);
  }

  @Test
  void oneDoor_takesSignedTokensWithoutAsking_andOpaqueOnes() throws Exception {
    TokenVerifier signed = TokenVerifier.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
        .audience("orders")
        .clock(time)
        .build();
    BearerAuthentication door = BearerAuthentication.of(
        CredentialCheck.anyOf(signed, tokens()),
        AccessRules.of(AccessRule.named("all").anyCaller().actions("GET **")));

    for (String token : List.of(
        idp.token("alice").audience("orders").sign(),
        idp.opaque(idp.token("alice").audience("orders")))) {
      eventually(
          "door opens",
          () -> door.authenticate(Request.of("GET", "/orders", "Bearer " + token))
              instanceof Outcome.Authenticated);
    }
    assertThat(idp.introspections()).isEqualTo(1);
  }

  private OpaqueTokens tokens() {
    return opened(builder().build());
  }

  private OpaqueTokens.Builder builder() {
    return OpaqueTokens.builder(idp.introspectionEndpoint(), CLIENT)
        .issuer(idp.issuer())
        .audience("orders")
        .requests(100, Duration.ofSeconds(30))
        .clock(time)
        .ticker(time);
  }

  private OpaqueTokens opened(OpaqueTokens tokens) {
    open.add(tokens);
    return tokens;
  }

  private static Verification verify(OpaqueTokens tokens, String token) {
    return tokens.verify(token, RequestBinding.none());
  }

  private URI serve(java.util.function.UnaryOperator<String> answer) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.createContext("/", exchange -> {
      String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      byte[] bytes = answer.apply(form).getBytes(StandardCharsets.ISO_8859_1);
      exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    });
    server.start();
    open.add(() -> server.stop(0));
    open.add(threads::shutdownNow);
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/introspect");
  }
}
