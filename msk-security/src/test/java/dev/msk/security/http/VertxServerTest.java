package dev.msk.security.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.JwksSource;
import dev.msk.security.LiveTls;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.TlsIdentity.Reload;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenVerifier;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Vert.x server that knows the workload by its certificate and the person by the token. */
@Timeout(120)
final class VertxServerTest {

  private final TestCa ca = TestCa.create("shop.example");
  private final TestIdp idp = TestIdp.builder().algorithms(TokenAlgorithm.ES256).start();
  private final BearerAuthentication door = BearerAuthentication.of(
      TokenVerifier.builder(
              idp.issuer(),
              JwksSource.discover(idp.issuer()).timeout(Duration.ofSeconds(30)).build())
          .audience("shop")
          .build(),
      AccessRules.of(AccessRule.named("place-order")
          .callers("spiffe://shop.example/gateway")
          .actions("POST /orders")
          .scopes("orders:write")));
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger connections = new AtomicInteger();

  @TempDir
  private Path folder;

  private TlsIdentity orders;
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    orders = identity(ca, "orders");
    server = vertx
        .createHttpServer(VertxTls.server(LiveTls.context(orders, "clients")))
        .connectionHandler(connection -> connections.incrementAndGet())
        .requestHandler(this::answer)
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    idp.close();
  }

  @Test
  void callerAndSubject_areInTheContext() throws Exception {
    HttpClient gateway = client(identity(ca, "gateway").context("orders"));

    HttpResponse<String> first = post(gateway);
    HttpResponse<String> second = post(gateway);

    assertThat(first.body())
        .isEqualTo("alice by spiffe://shop.example/gateway, allowed by place-order");
    assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(first.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(connections).hasValue(1);
  }

  @Test
  void otherCaller_withAGoodToken_isDenied() throws Exception {
    HttpClient payments = client(identity(ca, "payments").context("orders"));

    assertThat(post(payments).statusCode()).isEqualTo(403);
  }

  @Test
  void callerWithoutACertificate_getsNoConnection() throws Exception {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    authorities.setCertificateEntry("ca", ca.authority());
    trust.init(authorities);
    SSLContext anonymous = SSLContext.getInstance("TLS");
    anonymous.init(null, trust.getTrustManagers(), null);

    assertThatThrownBy(() -> post("localhost", client(anonymous))).isInstanceOf(IOException.class);
  }

  @Test
  void newCertificate_isShownToNewConnections() throws Exception {
    TlsIdentity gateway = identity(ca, "gateway");
    X509Certificate before = shown(post(client(gateway.context("orders"))));

    ca.certificate("orders").issue().writeTo(folder.resolve("orders"));
    assertThat(orders.reload()).isEqualTo(new Reload.Published(2));

    X509Certificate after = shown(post(client(gateway.context("orders"))));
    assertThat(after).isNotEqualTo(before).isEqualTo(orders.snapshot().chain().get(0));
  }

  private static X509Certificate shown(HttpResponse<?> response) throws IOException {
    return (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
  }

  private void answer(HttpServerRequest request) {
    Request parts = Request.of(
            request.method().name(), request.path(), request.getHeader("Authorization"))
        .peer(request.connection().sslSession());
    var unused = door.authenticateAsync(parts).thenAccept(outcome -> {
      if (outcome instanceof Outcome.Authenticated through) {
        request
            .response()
            .end(through.context().subject().orElseThrow() + " by "
                + through.context().caller().orElseThrow() + ", allowed by " + through.rule());
      } else if (outcome instanceof Outcome.Refused refused) {
        request.response().setStatusCode(refused.status()).end(refused.problem());
      }
    });
  }

  private TlsIdentity identity(TestCa authority, String service) {
    return TlsIdentity.builder(
            authority.certificate(service).issue().writeTo(folder.resolve(service)))
        .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
        .build();
  }

  private static HttpClient client(SSLContext context) {
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private HttpResponse<String> post(HttpClient client) throws Exception {
    return post("127.0.0.1", client);
  }

  private HttpResponse<String> post(String host, HttpClient client) throws Exception {
    String token = idp.token("alice").audience("shop").scopes("orders:write").sign();
    return client.send(
        HttpRequest.newBuilder(
                URI.create("https://" + host + ":" + server.actualPort() + "/orders"))
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build(),
        BodyHandlers.ofString());
  }
}
