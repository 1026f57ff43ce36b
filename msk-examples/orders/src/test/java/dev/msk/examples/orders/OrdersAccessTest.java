package dev.msk.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.examples.chassis.Identity;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.security.testing.TestIdp;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, and how. */
@WithServers
class OrdersAccessTest {

  private static Trust trust;
  private static RunningOrders orders;

  @BeforeAll
  static void start(
      @TempDir Path folder, PostgresServer postgres, KafkaServer kafka, EurekaServer eureka) {
    trust = new Trust(folder);
    orders = RunningOrders.start(trust, postgres, kafka, eureka);
  }

  @AfterAll
  static void close() {
    orders.close();
    trust.close();
  }

  @Test
  void gateway_isAnsweredOverHttp2AndTls13() {
    HttpResponse<String> answer = place(trust.token("ada"));

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
  }

  @Test
  void firstRequestOfAll_waitsForTheKeysWithItsBody() {
    try (RunningOrders another = orders.another()) {
      HttpResponse<String> answer = another.place("bob", key(), RunningOrders.order(100));

      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    }
  }

  @Test
  void anotherService_isForbidden() throws Exception {
    HttpClient payments = trust.caller(trust.identity("payments"));

    HttpResponse<String> answer = RunningOrders.send(payments, request(trust.token("ada")));

    refused(answer, 403);
  }

  @Test
  void serviceOfAnotherAuthority_isNotConnected() {
    HttpClient stranger = trust.caller(trust.falseIdentity("gateway"));

    assertThatThrownBy(() -> RunningOrders.send(stranger, request(trust.token("ada"))))
        .isInstanceOf(IOException.class);
  }

  @Test
  void clientWithoutCertificate_isNotConnected() throws Exception {
    HttpClient nobody = HttpClient.newBuilder().sslContext(trustingOnly()).build();

    assertThatThrownBy(() -> RunningOrders.send(nobody, request(trust.token("ada"))))
        .isInstanceOf(IOException.class);
  }

  @Test
  void withoutToken_isUnauthorized() {
    refused(orders.send(orders.placing(key(), RunningOrders.order(100))), 401);
    refused(orders.send(orders.request("/orders/" + UUID.randomUUID())), 401);
  }

  @Test
  void tokenOfAnotherIssuer_isUnauthorized() {
    try (TestIdp other = TestIdp.builder().start()) {
      String token =
          "Bearer " + other.token("ada").audience("shop").scopes("orders:write").sign();

      refused(place(token), 401);
    }
  }

  @Test
  void missingScope_isForbidden() {
    refused(place(trust.token("ada", "orders:read")), 403);
    refused(
        orders.send(orders
            .request("/orders/" + UUID.randomUUID())
            .header("Authorization", trust.token("ada", "orders:write"))),
        403);
  }

  @Test
  void requestWhoseTimeIsUsedUp_isNotWorkedOn() {
    HttpRequest.Builder late = request(trust.token("ada")).header("msk-timeout-ms", "0");

    refused(orders.send(late), 504);
    assertThat(orders
            .send(request(trust.token("ada")).header("msk-timeout-ms", "60000"))
            .statusCode())
        .isEqualTo(201);
  }

  @Test
  void subjectThatIsNoName_isForbidden() {
    refused(place(trust.token("a b")), 403);
  }

  @Test
  void requestWithoutToken_isRefusedBeforeItsBodyIsThere() throws Exception {
    Path files = trust.identity("gateway");
    Vertx vertx = Vertx.vertx();
    try {
      var client = vertx.createHttpClient(new HttpClientOptions()
          .setSsl(true)
          .setUseAlpn(true)
          .setProtocolVersion(HttpVersion.HTTP_2)
          .setVerifyHost(false)
          .setKeyCertOptions(new PemKeyCertOptions()
              .setKeyPath(files.resolve("tls.key").toString())
              .setCertPath(files.resolve("tls.crt").toString()))
          .setTrustOptions(
              new PemTrustOptions().addCertPath(files.resolve("ca.crt").toString())));
      int status = client
          .request(new RequestOptions()
              .setMethod(HttpMethod.POST)
              .setHost("127.0.0.1")
              .setPort(orders.port())
              .setURI("/orders"))
          .compose(request -> {
            request.putHeader("content-type", "application/json").putHeader("content-length", "90");
            // The head alone: the body never comes.
            return request
                .writeHead()
                .compose(sent -> request.response())
                .onComplete(answered -> request.reset());
          })
          .map(HttpClientResponse::statusCode)
          .toCompletionStage()
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);

      assertThat(status).isEqualTo(401);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  private static void refused(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("\"status\":" + status);
  }

  private static HttpResponse<String> place(String token) {
    return orders.send(request(token));
  }

  private static HttpRequest.Builder request(String token) {
    return orders.placing(key(), RunningOrders.order(100)).header("Authorization", token);
  }

  /** Trusts our authority and has no certificate itself. */
  private static SSLContext trustingOnly() throws Exception {
    KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
    authorities.load(null, null);
    try (InputStream ca = Files.newInputStream(trust.identity("nobody").resolve("ca.crt"))) {
      authorities.setCertificateEntry(
          Identity.TRUST_DOMAIN, CertificateFactory.getInstance("X.509").generateCertificate(ca));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(authorities);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  private static String key() {
    return UUID.randomUUID().toString();
  }
}
