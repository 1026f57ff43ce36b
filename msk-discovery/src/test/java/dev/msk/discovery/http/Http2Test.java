package dev.msk.discovery.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.security.TlsSource;
import dev.msk.discovery.Instance;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.localservers.TcpProxy;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 over TLS, both sides with a certificate. Of equal load, instance {@code a} is drawn; a proxy stands before it. */
@Timeout(180)
final class Http2Test {

  private final Workers workers = new Workers();
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger requestsAtB = new AtomicInteger();
  private final CompletableFuture<HttpServerRequest> held = new CompletableFuture<>();

  @TempDir
  private Path folder;

  private SelfSigned keys;
  private TcpProxy proxy;
  private DiscoveringHttpClient client;

  @BeforeEach
  void start() throws Exception {
    keys = SelfSigned.of("orders", folder);
    int a = serve(this::answerAsA);
    int b = serve(request -> {
      requestsAtB.incrementAndGet();
      answer("b", request);
    });
    proxy = TcpProxy.to("127.0.0.1", a);
    DiscoverySource both = DiscoverySource.fixed(List.of(at(proxy.port()), at(b)));
    client = DiscoveringHttpClient.builder(
            LoadBalancer.leastLoaded(ServiceDiscovery.builder(both).build())
                .random(() -> 0L)
                .build(),
            workers.scheduler(),
            workers.executor())
        .tls(new Identity())
        .connectTimeout(Duration.ofSeconds(30))
        .attemptTimeout(Duration.ofSeconds(60))
        .build();
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    proxy.close();
    workers.close();
  }

  @Test
  void callsShareAConnection_andTheServerKnowsWhoCalls() throws Exception {
    HttpResponse<String> first = send(request("/")).get(60, TimeUnit.SECONDS);
    assertThat(first.body()).isEqualTo("a for CN=orders");
    assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);

    for (int i = 0; i < 20; i++) {
      assertThat(send(request("/")).get(60, TimeUnit.SECONDS).body()).startsWith("a");
    }

    assertThat(connections).hasValue(1);
  }

  @Test
  void instanceKilledInMidResponse_isReplaced() throws Exception {
    CompletableFuture<HttpResponse<String>> answer = sendAndAwaitHeaders(request("/hold"));

    proxy.cut();

    assertThat(answer.get(60, TimeUnit.SECONDS).body()).startsWith("b for CN=orders");
  }

  @Test
  void instanceThatSaysGoAwayInMidResponse_isReplaced() throws Exception {
    CompletableFuture<HttpResponse<String>> answer = sendAndAwaitHeaders(request("/hold"));

    var unused = held.get(60, TimeUnit.SECONDS).connection().close();

    assertThat(answer.get(60, TimeUnit.SECONDS).body()).startsWith("b for CN=orders");
  }

  @Test
  void postWithAKey_isRepeatedElsewhere() throws Exception {
    CompletableFuture<HttpResponse<String>> answer = sendAndAwaitHeaders(
        request("/hold").POST(BodyPublishers.ofString("order")).header("Idempotency-Key", "1"));

    proxy.cut();

    assertThat(answer.get(60, TimeUnit.SECONDS).body()).startsWith("b for CN=orders");
  }

  @Test
  void postWithoutAKey_fails() throws Exception {
    CompletableFuture<HttpResponse<String>> answer =
        sendAndAwaitHeaders(request("/hold").POST(BodyPublishers.ofString("order")));

    proxy.cut();

    assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(IOException.class);
    assertThat(requestsAtB).hasValue(0);
  }

  private CompletableFuture<HttpResponse<String>> sendAndAwaitHeaders(HttpRequest.Builder request)
      throws InterruptedException {
    CountDownLatch headers = new CountDownLatch(1);
    CompletableFuture<HttpResponse<String>> answer = client
        .sendAsync(request.build(), info -> {
          headers.countDown();
          return BodyHandlers.ofString().apply(info);
        })
        .toCompletableFuture();
    assertThat(headers.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(answer).isNotDone();
    return answer;
  }

  private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), BodyHandlers.ofString()).toCompletableFuture();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://orders" + path));
  }

  private int serve(Handler<HttpServerRequest> handler) throws Exception {
    PfxOptions store =
        new PfxOptions().setPath(keys.file().toString()).setPassword(SelfSigned.PASSWORD);
    return vertx
        .createHttpServer(new HttpServerOptions()
            .setSsl(true)
            .setUseAlpn(true)
            .setClientAuth(ClientAuth.REQUIRED)
            .setKeyCertOptions(store)
            .setTrustOptions(store))
        .connectionHandler(connection -> connections.incrementAndGet())
        .requestHandler(handler)
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS)
        .actualPort();
  }

  private void answerAsA(HttpServerRequest request) {
    if (request.path().equals("/hold")) {
      request.response().setChunked(true);
      var unused = request.response().write("the first part");
      held.complete(request);
    } else {
      answer("a", request);
    }
  }

  private static void answer(String name, HttpServerRequest request) {
    try {
      var unused = request
          .response()
          .end(name + " for " + request.connection().sslSession().getPeerPrincipal());
    } catch (SSLPeerUnverifiedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Instance at(int port) {
    return Instance.builder("orders", "127.0.0.1", port).tls(true).build();
  }

  private final class Identity implements TlsSource {

    @Override
    public SSLContext context(String peer) {
      return keys.context();
    }

    @Override
    public long generation() {
      return 1;
    }

    @Override
    public Registration onChange(Runnable listener) {
      return () -> {};
    }
  }
}
