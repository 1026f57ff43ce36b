package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Some seconds: each option of the builder is an agent of its own, and the one on disk elects itself twice. */
class ConsulServerTest {
  private static final String ORDERS = """
      {"ID": "o1", "Name": "orders", "Address": "127.0.0.1", "Port": 8080,
       "Check": {"CheckID": "o1", "TTL": "30s", "Status": "passing"}}
      """;

  private static final char[] PASSWORD = "changeit".toCharArray();

  private static ConsulServer consul;

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    Skip.test(ConsulServerTest.class, ConsulServer.missing());
    consul = ConsulServer.start();
  }

  @AfterAll
  static void close() {
    if (consul != null) {
      consul.close();
      Await.gone(consul.pid());
      assertThat(consul.folder()).doesNotExist();
    }
  }

  @Test
  void blockingQuery_returns_whenACheckFails() throws Exception {
    HttpResponse<String> before = register(consul, "/v1/health/service/orders?passing");
    long index = index(before);

    CompletableFuture<HttpResponse<String>> waiting = client.sendAsync(
        request(consul, "/v1/health/service/orders?passing&wait=60s&index=" + index, ""),
        BodyHandlers.ofString());
    consul.api("PUT", "/v1/agent/check/fail/o1", "");

    assertThat(waiting.join().body()).isEqualToIgnoringWhitespace("[]");
    assertThat(index(waiting.join())).isGreaterThan(index);
  }

  @Test
  void restart_afterKill_hasTheSamePorts_isEmpty_andItsIndexBeginsAgain() throws Exception {
    try (ConsulServer own = ConsulServer.start()) {
      register(own, "/v1/health/service/orders");
      for (int i = 0; i < 20; i++) {
        own.api("PUT", "/v1/kv/key", "\"" + i + "\"");
      }
      long before = index(get(own, "/v1/kv/key", ""));
      int dns = own.dnsPort();

      own.kill();
      assertThat(own.isAlive()).isFalse();
      assertThatThrownBy(() -> get(own, "/v1/kv/key", "")).isInstanceOf(IOException.class);
      own.restart();

      HttpResponse<String> after = get(own, "/v1/health/service/orders", "");
      assertThat(after.body()).isEqualToIgnoringWhitespace("[]");
      assertThat(index(after)).isLessThan(before);
      assertThat(own.dnsPort()).isEqualTo(dns);
      assertThat(new DnsProbe(dns, "consul").getAsBoolean()).isTrue();
    }
  }

  @Test
  void restart_ofADurableOne_keepsServicesAndIndex() throws Exception {
    try (ConsulServer durable = ConsulServer.builder().durable().start()) {
      long before = index(register(durable, "/v1/health/service/orders"));

      durable.kill();
      durable.restart();

      HttpResponse<String> after = get(durable, "/v1/health/service/orders", "");
      assertThat(after.body()).contains("\"o1\"");
      assertThat(index(after)).isGreaterThanOrEqualTo(before);
    }
  }

  @Test
  void pause_leavesRequestsWithoutAnswer_untilResume() throws Exception {
    HttpRequest impatient = HttpRequest.newBuilder(
            URI.create(consul.httpUri() + "/v1/status/leader"))
        .timeout(Duration.ofMillis(200))
        .build();

    consul.pause();
    assertThatThrownBy(() -> client.send(impatient, BodyHandlers.discarding()))
        .isInstanceOf(HttpTimeoutException.class);
    consul.resume();

    assertThat(get(consul, "/v1/status/leader", "").statusCode()).isEqualTo(200);
  }

  @Test
  void acl_deniesWhatNoTokenAllows() throws Exception {
    try (ConsulServer closed = ConsulServer.builder().acl().start()) {
      register(closed, "/v1/health/service/orders");
      String reader = closed.newToken("""
          service_prefix "" { policy = "read" }
          node_prefix "" { policy = "read" }
          """);

      assertThat(get(closed, "/v1/health/service/orders", "").body())
          .isEqualToIgnoringWhitespace("[]");
      assertThat(get(closed, "/v1/health/service/orders", "nobody").statusCode())
          .isEqualTo(403);
      assertThat(get(closed, "/v1/health/service/orders", reader).body()).contains("\"o1\"");
      assertThat(get(closed, "/v1/agent/self", reader).statusCode()).isEqualTo(403);
      assertThat(get(closed, "/v1/agent/self", closed.managementToken()).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void tls_wantsACertificateOfTheClient(@TempDir Path folder) throws Exception {
    MtlsStores[] sides = MtlsStores.pair(folder, "server", "client");
    KeyStore keys = store(sides[0].keyStore());
    KeyStore trusted = store(sides[0].trustStore());
    Path certificate = pem(folder, "CERTIFICATE", keys.getCertificate("self").getEncoded());
    Path key = pem(folder, "PRIVATE KEY", keys.getKey("self", PASSWORD).getEncoded());
    Path clients = pem(folder, "CERTIFICATE", trusted.getCertificate("other").getEncoded());
    try (ConsulServer secure =
        ConsulServer.builder().tls(certificate, key, clients).start()) {
      HttpRequest leader = HttpRequest.newBuilder(
              URI.create(secure.httpsUri() + "/v1/status/leader"))
          .build();

      assertThat(client(sides[1], true).send(leader, BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
      assertThatThrownBy(() -> client(sides[1], false).send(leader, BodyHandlers.discarding()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatIsOff_isNamed_withHowToHaveIt() {
    assertThatThrownBy(consul::managementToken)
        .isInstanceOf(LocalServerException.class)
        .hasMessage("consul: acl: off (expected: builder().acl())");
    assertThatThrownBy(() -> consul.newToken("")).hasMessageContaining("builder().acl()");
    assertThatThrownBy(consul::httpsUri)
        .isInstanceOf(LocalServerException.class)
        .hasMessage("consul: tls: off (expected: builder().tls(…))");
  }

  @Test
  void api_thatIsRefused_saysWhatConsulSaid() {
    assertThatThrownBy(() -> consul.api("PUT", "/v1/agent/service/register", "{\"Port\": \"x\"}"))
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)consul: PUT /v1/agent/service/register: status 400 .* \\(log: /.*\\.log\\)");
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(consul.pid()))
        .contains(consul.address(), "127.0.0.1:" + consul.dnsPort())
        .allMatch(listener -> listener.startsWith("127.0.0.1:"));
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> ConsulServer.builder().port(consul.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)consul: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_withBadConfiguration_namesIt() {
    assertThatThrownBy(
            () -> ConsulServer.builder().configuration("{\"loud\": true}").start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching("(?s)consul: ended with code 1 .*loud.* \\(log: /.*\\.log\\)");
  }

  /** Registers orders, and waits for the catalog: the agent tells it of its services a moment later. */
  private HttpResponse<String> register(ConsulServer server, String path) throws Exception {
    server.api("PUT", "/v1/agent/service/register", ORDERS);
    Await.until("orders in the catalog", () -> server.api("GET", path, "").contains("\"o1\""));
    return get(server, path, "");
  }

  private HttpResponse<String> get(ConsulServer server, String path, String token)
      throws IOException, InterruptedException {
    return client.send(request(server, path, token), BodyHandlers.ofString());
  }

  private static HttpClient client(MtlsStores side, boolean shows) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store(side.keyStore()), PASSWORD);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store(side.trustStore()));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shows ? keys.getKeyManagers() : null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private static KeyStore store(Path file) throws Exception {
    return KeyStore.getInstance(file.toFile(), PASSWORD);
  }

  private static Path pem(Path folder, String what, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder().encodeToString(der);
    Path file = Files.createTempFile(folder, "consul", ".pem");
    return Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }

  private static HttpRequest request(ConsulServer server, String path, String token) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.httpUri() + path)).timeout(Duration.ofSeconds(20));
    return (token.isEmpty() ? request : request.header("X-Consul-Token", token)).build();
  }

  private static long index(HttpResponse<String> answer) {
    return answer.headers().firstValueAsLong("X-Consul-Index").orElseThrow();
  }
}
