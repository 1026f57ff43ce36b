package dev.msk.security.trust;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scheduler;
import dev.msk.core.security.TlsSource;
import dev.msk.security.LiveTls;
import dev.msk.security.SecurityEvents;
import dev.msk.security.grpc.Greeter;
import dev.msk.security.grpc.GrpcTls;
import dev.msk.security.http.LiveHttpClient;
import dev.msk.security.http.VertxTls;
import dev.msk.security.testing.TestCa;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients whose server's authority is taken away. */
@Timeout(180)
final class OutboundTrustTest {

  private static final Duration BOUND = Duration.ofSeconds(1);

  private final TestCa own = TestCa.create("shop.example");
  private final TestCa leaves = TestCa.create("shop.example");
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicReference<HttpServerResponse> held = new AtomicReference<>();
  private final CountDownLatch mayAnswer = new CountDownLatch(1);

  @TempDir
  private Path folder;

  private Service orders;
  private Service inventory;

  @BeforeEach
  void identities() {
    Scheduler scheduler = Scheduler.of(clock);
    orders = Service.of(
        folder.resolve("orders"), "orders", own, scheduler, SecurityEvents.none(), leaves);
    inventory = Service.of(
        folder.resolve("inventory"), "inventory", leaves, scheduler, SecurityEvents.none(), own);
  }

  @AfterEach
  void stop() {
    mayAnswer.countDown();
    orders.close();
    inventory.close();
    clock.shutdownNow();
    threads.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void httpClient_usesNoConnectionFromBefore(HttpClient.Version version) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (LiveHttpClient client = LiveHttpClient.of(
        orders.identity(),
        "inventory",
        () -> HttpClient.newBuilder().version(version).executor(threads))) {
      int port = listen(vertx);
      assertThat(client.send(get(port, "/"), BodyHandlers.ofString()).body()).isEqualTo("hello");
      CompletableFuture<HttpResponse<String>> underWay =
          client.sendAsync(get(port, "/held"), BodyHandlers.ofString());
      eventually("request is under way", () -> held.get() != null);

      orders.write();

      assertThat(refusedAfter(() -> client.send(get(port, "/"), BodyHandlers.ofString())))
          .isLessThan(BOUND);
      assertThatThrownBy(() -> client.send(get(port, "/"), BodyHandlers.ofString()))
          .hasStackTraceContaining("certification path");
      held.get().end("at last");
      assertThat(underWay.get(60, TimeUnit.SECONDS).body()).isEqualTo("at last");
      eventually("connections are closed", () -> {
        System.gc(); // Before Java 21 nothing else ends a client of the JDK.
        return connections.get() == 0;
      });
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void httpClient_thatIsClosed_takesNoRequest() {
    LiveHttpClient client = LiveHttpClient.of(orders.identity(), "inventory");
    client.close();
    client.close();

    assertThatThrownBy(() -> client.send(get(1, "/"), BodyHandlers.ofString()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("client of inventory: closed");
  }

  @Test
  void channel_usesNoConnectionFromBefore() throws Exception {
    Server server = Grpc.newServerBuilderForPort(
            0, GrpcTls.server(inventory.identity(), "inventory"))
        .addService(new Greeter(Greeter.SERVICE, text -> text))
        .addService(new Greeter("shop.Held", text -> {
          connections.addAndGet(1000);
          await(mayAnswer);
          connections.addAndGet(-1000);
          return "at last";
        }))
        .addTransportFilter(new ServerTransportFilter() {
          @Override
          public Attributes transportReady(Attributes attributes) {
            connections.incrementAndGet();
            return attributes;
          }

          @Override
          public void transportTerminated(Attributes attributes) {
            connections.decrementAndGet();
          }
        })
        .build()
        .start();
    ManagedChannel channel = Grpc.newChannelBuilderForAddress(
            "localhost", server.getPort(), GrpcTls.channel(orders.identity(), "inventory"))
        .build();
    try (TlsSource.Registration following = GrpcTls.follow(channel, orders.identity())) {
      assertThat(Greeter.greet(channel)).isEqualTo("hello");
      CompletableFuture<String> underWay =
          CompletableFuture.supplyAsync(() -> Greeter.greet(channel, "shop.Held"), threads);
      eventually("call is under way", () -> connections.get() == 1001);

      orders.write();

      assertThat(refusedAfter(() -> Greeter.greet(channel))).isLessThan(BOUND);
      mayAnswer.countDown();
      assertThat(underWay.get(60, TimeUnit.SECONDS)).isEqualTo("at last");
      eventually("connection is closed", () -> connections.get() == 0);
    } finally {
      channel.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
      server.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
    }
  }

  private int listen(Vertx vertx) throws Exception {
    HttpServer server = vertx
        .createHttpServer(VertxTls.server(LiveTls.context(inventory.identity(), "clients")))
        .connectionHandler(connection -> {
          connections.incrementAndGet();
          connection.closeHandler(closed -> connections.decrementAndGet());
        })
        .requestHandler(request -> {
          if (request.path().equals("/held")) {
            held.set(request.response());
          } else {
            request.response().end("hello");
          }
        })
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
    return server.actualPort();
  }

  private static HttpRequest get(int port, String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  private static Duration refusedAfter(Request request) throws Exception {
    long from = System.nanoTime();
    eventually("refused", () -> {
      try {
        request.send();
        return false;
      } catch (Exception e) {
        return true;
      }
    });
    return Duration.ofNanos(System.nanoTime() - from);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Request {
    Object send() throws Exception;
  }
}
