package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.core.testing.ManualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens from an endpoint over HTTP, in virtual time. */
@Timeout(60)
final class TokenSourceTest {

  private final ManualTime time = ManualTime.create();
  private final List<Map<String, String>> requests = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch open = new CountDownLatch(1);
  private volatile int status = 200;
  private volatile String answer = "";
  private volatile boolean held;
  private final HttpServer server;

  @TempDir
  private Path folder;

  TokenSourceTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() {
    server.setExecutor(threads);
    server.createContext("/token", exchange -> {
      try (exchange) {
        Map<String, String> request = new HashMap<>();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        for (String pair : body.split("&", -1)) {
          int equals = pair.indexOf('=');
          request.put(
              pair.substring(0, equals),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        request.put("Authorization", authorization == null ? "" : authorization);
        requests.add(request);
        if (held) {
          open.await();
        }
        String text = answer.isEmpty()
            ? "{\"access_token\":\"t" + requests.size()
                + "\",\"token_type\":\"bearer\",\"expires_in\":100}"
            : answer;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    server.start();
  }

  @AfterEach
  void stop() {
    open.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void tokenForAPeer_isAskedForOnce() {
    TokenSource source = source(ClientAuthentication.secretBasic("orders", "s:c%"))
        .scopes("stock:read", "stock:write")
        .build();

    Credential first = get(source.credential("inventory"));
    Credential again = get(source.credential("inventory"));
    Credential other = get(source.credential("payments"));

    assertThat(first).isEqualTo(new Credential("Bearer", "t1", time.instant().plusSeconds(100)));
    assertThat(again).isSameAs(first);
    assertThat(other.value()).isEqualTo("t2");
    assertThat(requests.get(0))
        .containsOnly(
            Map.entry("grant_type", "client_credentials"),
            Map.entry("audience", "inventory"),
            Map.entry("scope", "stock:read stock:write"),
            Map.entry("Authorization", "Basic b3JkZXJzOnMlM0FjJTI1"));
  }

  @Test
  void thousandThatWantTheToken_costOneRequest() {
    held = true;
    TokenSource source = source(ClientAuthentication.secretBasic("orders", "s")).build();

    List<CompletionStage<Credential>> wanted =
        IntStream.range(0, 1000).mapToObj(i -> source.credential("inventory")).toList();
    open.countDown();

    assertThat(wanted).allSatisfy(token -> assertThat(get(token).value()).isEqualTo("t1"));
    assertThat(requests).hasSize(1);
  }

  @Test
  void token_isRenewedBeforeItEnds_withoutWaiting() throws Exception {
    TokenSource source = source(ClientAuthentication.secretBasic("orders", "s")).build();
    assertThat(get(source.credential("inventory")).value()).isEqualTo("t1");
    time.advance(Duration.ofMillis(69_999));
    assertThat(get(source.credential("inventory")).value()).isEqualTo("t1");
    assertThat(requests).hasSize(1);

    held = true;
    time.advance(Duration.ofMillis(10_001));
    assertThat(get(source.credential("inventory")).value()).isEqualTo("t1");
    assertThat(get(source.credential("inventory")).value()).isEqualTo("t1");
    open.countDown();

    Eventually.eventually(
        "the token is renewed",
        () -> get(source.credential("inventory")).value().equals("t2"));
    assertThat(requests).hasSize(2);
  }

  @Test
  void issuerThatFails_isCoveredByTheTokenUntilItEnds() throws Exception {
    TokenSource source = source(ClientAuthentication.secretBasic("orders", "s")).build();
    assertThat(get(source.credential("inventory")).value()).isEqualTo("t1");
    status = 500;

    time.advance(Duration.ofSeconds(99));
    assertThat(get(source.credential("inventory")).value()).isEqualTo("t1");
    Eventually.eventually("the failure is seen", () -> requests.size() == 2);
    time.advance(Duration.ofSeconds(1));
    assertThatThrownBy(() -> get(source.credential("inventory")))
        .hasCauseInstanceOf(TokenRequestException.class);
    status = 200;
    time.advance(Duration.ofSeconds(1));

    assertThat(get(source.credential("inventory")).value()).startsWith("t");
  }

  @Test
  void failure_isToldToAll_andAskedAboutOnceInASecond() {
    status = 401;
    answer = "{\"error\":\"invalid_client\",\"error_description\":\"no\\nsuch client\"}";
    TokenSource source =
        source(ClientAuthentication.secretPost("orders", "hidden-secret")).build();

    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> get(source.credential("inventory")))
          .cause()
          .isInstanceOfSatisfying(TokenRequestException.class, refused -> {
            assertThat(refused.error()).contains("invalid_client");
            assertThat(refused)
                .hasMessage(uri() + ": status 401, invalid_client, no?such client (expected: 200)");
            assertThat(refused.toString()).doesNotContain("hidden");
          });
    }
    assertThat(requests).hasSize(1);
    time.advance(Duration.ofSeconds(1));
    assertThatThrownBy(() -> get(source.credential("inventory"))).isNotNull();

    assertThat(requests).hasSize(2);
    assertThat(requests.get(0)).containsEntry("client_secret", "hidden-secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "[]",
        "{}",
        "{\"access_token\":\"a b\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"a\"}",
        "{\"access_token\":\"a\",\"token_type\":\"mac\"}",
        "{\"access_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":0}",
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":1e300}",
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":\"x\"}"
      })
  void answerThatIsNoToken_isAnError(String body) {
    answer = body;
    TokenSource source = source(ClientAuthentication.secretBasic("orders", "s")).build();

    assertThatThrownBy(() -> get(source.credential("inventory")))
        .hasCauseInstanceOf(TokenRequestException.class);
  }

  @Test
  void redirect_isNotFollowed() {
    status = 302;
    TokenSource source = source(ClientAuthentication.secretBasic("orders", "s")).build();

    assertThatThrownBy(() -> get(source.credential("inventory")))
        .cause()
        .hasMessage(uri() + ": status 302 (expected: 200)");
  }

  @Test
  void exchange_isPerSubjectAndPeer() {
    TokenSource source = source(ClientAuthentication.secretBasic("orders", "s")).build();

    Credential alice = get(source.exchange(BearerToken.of("alice's"), "inventory"));
    Credential again = get(source.exchange(BearerToken.of("alice's"), "inventory"));
    Credential bob = get(source.exchange(BearerToken.of("bob's"), "inventory"));
    Credential own = get(source.credential("inventory"));

    assertThat(again).isSameAs(alice);
    assertThat(List.of(alice.value(), bob.value(), own.value())).containsExactly("t1", "t2", "t3");
    assertThat(requests.get(0))
        .containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
        .containsEntry("subject_token", "alice's")
        .containsEntry("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")
        .containsEntry("audience", "inventory");
  }

  @Test
  void tokens_areBounded() {
    TokenSource source =
        source(ClientAuthentication.secretBasic("orders", "s")).maxTokens(2).build();

    for (String peer : List.of("a", "b", "a", "c", "a")) {
      assertThat(get(source.credential(peer))).isNotNull();
    }
    assertThat(requests).hasSize(3);
    assertThat(get(source.credential("b")).value()).isEqualTo("t4");
  }

  @Test
  void assertion_isSignedForTheEndpoint_andNewEachTime() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    TokenSource source = source(ClientAuthentication.privateKeyJwt(
            "orders", "k1", TokenAlgorithm.ES256, keys.getPrivate()))
        .build();

    assertThat(get(source.credential("a")).value()).isEqualTo("t1");
    assertThat(get(source.credential("b")).value()).isEqualTo("t2");

    SignedJWT first = SignedJWT.parse(requests.get(0).get("client_assertion"));
    SignedJWT second = SignedJWT.parse(requests.get(1).get("client_assertion"));
    assertThat(first.verify(new ECDSAVerifier((ECPublicKey) keys.getPublic()))).isTrue();
    assertThat(first.getHeader().getKeyID()).isEqualTo("k1");
    assertThat(first.getJWTClaimsSet().getSubject()).isEqualTo("orders");
    assertThat(first.getJWTClaimsSet().getIssuer()).isEqualTo("orders");
    assertThat(first.getJWTClaimsSet().getAudience()).containsExactly(uri().toString());
    assertThat(first.getJWTClaimsSet().getExpirationTime())
        .isEqualTo(time.instant().plusSeconds(60));
    assertThat(second.getJWTClaimsSet().getJWTID())
        .isNotEqualTo(first.getJWTClaimsSet().getJWTID());
    assertThat(requests.get(0))
        .containsEntry(
            "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  }

  @Test
  void tokenFile_isReadAnewEachTime_andNamedWhenItIsMissing() throws Exception {
    Path file = folder.resolve("token");
    TokenSource source = source(ClientAuthentication.tokenFile("orders", file)).build();
    assertThatThrownBy(() -> get(source.credential("a")))
        .cause()
        .isInstanceOf(TokenRequestException.class)
        .hasMessageContaining("client cannot prove who it is")
        .hasMessageContaining(file.toString());

    Files.writeString(file, "one\n");
    assertThat(get(source.credential("b")).value()).isEqualTo("t1");
    Files.writeString(file, "two\n");
    assertThat(get(source.credential("c")).value()).isEqualTo("t2");

    assertThat(requests)
        .extracting(form -> form.get("client_assertion"))
        .containsExactly("one", "two");
  }

  @Test
  void closedSource_asksForNoMore() {
    TokenSource source = source(ClientAuthentication.secretBasic("orders", "s")).build();
    Credential known = get(source.credential("a"));

    source.close();
    source.close();

    assertThat(get(source.credential("a"))).isSameAs(known);
    assertThatThrownBy(() -> get(source.credential("b")))
        .cause()
        .hasMessage(uri() + ": closed, asks for no more tokens");
    assertThat(requests).hasSize(1);
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> TokenSource.builder(
                URI.create("http://id.example/token"), ClientAuthentication.secretBasic("a", "b"))
            .timeout(Duration.ZERO)
            .maxTokens(0)
            .audienceParameter(" ")
            .client(HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build())
            .build())
        .hasMessageContaining("tokenEndpoint: http://id.example/token (expected: https://host/…")
        .hasMessageContaining("timeout: PT0S (expected: more than zero)")
        .hasMessageContaining("maxTokens: 0 (expected: >= 1)")
        .hasMessageContaining("audienceParameter: blank (expected: a name)")
        .hasMessageContaining("client: follows redirects (expected: Redirect.NEVER)");
  }

  private TokenSource.Builder source(ClientAuthentication client) {
    return TokenSource.builder(uri(), client).clock(time).timeout(Duration.ofSeconds(30));
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/token");
  }

  private static Credential get(CompletionStage<Credential> token) {
    return token.toCompletableFuture().join();
  }
}
