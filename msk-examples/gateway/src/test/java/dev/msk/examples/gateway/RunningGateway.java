package dev.msk.examples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.Scheduler;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.http.DiscoveringHttpClient;
import dev.msk.discovery.testing.InMemoryRegistry;
import dev.msk.security.JwksSource;
import dev.msk.security.SecurityEvents;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.TokenVerifier;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The gateway in this process, on one event loop, between real clients and real instances. */
final class RunningGateway implements AutoCloseable {

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Upstream> upstreams = new ArrayList<>();
  private final TestCa ca = TestCa.create("shop.example");
  private final TestIdp idp = TestIdp.builder().start();
  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final BlockedThreads blocked = new BlockedThreads();
  private final Path folder;
  private final Vertx vertx;
  private final Services services;
  private final JwksSource keys;
  private final Door door;

  private RunningGateway(String yaml, Breakers breakers) {
    folder = temporaryFolder();
    Scheduler scheduler = Scheduler.of(timer);
    TlsIdentity identity = TlsIdentity.builder(identity("gateway"))
        .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
        .build();
    List<Route> routes = Routes.parse(yaml);
    keys = JwksSource.discover(idp.issuer()).build();
    services = Services.of(
        routes,
        breakers,
        DiscoveringHttpClient.builder(
                LoadBalancer.leastLoaded(ServiceDiscovery.builder(registry).build())
                    .build(),
                scheduler,
                executor)
            .tls(identity)
            .connectTimeout(Duration.ofMinutes(1)),
        telemetry);
    vertx = Vertx.vertx(new VertxOptions()
        .setEventLoopPoolSize(1)
        .setMaxEventLoopExecuteTime(10)
        .setMaxEventLoopExecuteTimeUnit(TimeUnit.SECONDS));
    Proxy proxy = new Proxy(
        vertx,
        routes,
        TokenVerifier.builder(idp.issuer(), keys).audience("shop").build(),
        SecurityEvents.none(),
        services,
        telemetry);
    door = new Door(vertx, "127.0.0.1", 0, proxy, Duration.ofSeconds(60));
    door.open();
  }

  static RunningGateway start(String yaml) {
    return start(yaml, Breakers.defaults());
  }

  static RunningGateway start(String yaml, Breakers breakers) {
    return new RunningGateway(yaml, breakers);
  }

  /** With the routes that are shipped, and a minute of time for each. */
  static RunningGateway start() {
    try (var file = Routes.class.getResourceAsStream("/routes.yaml")) {
      String yaml = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return start(yaml.replaceAll("time: PT\\d+S", "time: PT1M"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts an instance and registers it. */
  Upstream upstream(String service) {
    return added(Upstream.start(service, identity(service)));
  }

  /** Starts an instance that takes so many requests at once and registers it. */
  Upstream upstream(String service, int streams) {
    return added(Upstream.start(service, identity(service), streams));
  }

  /** Starts an instance of a service with the identity of another and registers it. */
  Upstream upstream(String service, String identity) {
    return added(Upstream.start(service, identity(identity)));
  }

  private Upstream added(Upstream upstream) {
    upstreams.add(upstream);
    registry.register(upstream.instance());
    return upstream;
  }

  Path identity(String service) {
    try {
      Path files = Files.createDirectories(folder.resolve(service));
      ca.certificate(service).issue().writeTo(files);
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TestIdp idp() {
    return idp;
  }

  InMemoryRegistry registry() {
    return registry;
  }

  RecordingTelemetry telemetry() {
    return telemetry;
  }

  /** A token of Ada, with both scopes of orders. */
  String token() {
    return token("orders:read", "orders:write");
  }

  String token(String... scopes) {
    return "Bearer " + idp.token("ada").audience("shop").scopes(scopes).sign();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + path))
        .timeout(Duration.ofMinutes(1));
  }

  HttpRequest.Builder get(String path) {
    return request(path).header("Authorization", token());
  }

  HttpRequest.Builder place(String body) {
    return request("/orders")
        .header("Authorization", token())
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  HttpClient http() {
    return http;
  }

  Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", door.port());
    socket.setSoTimeout(60_000);
    return socket;
  }

  /** Writes bytes and reads until the gateway closes, be it because it has read enough. */
  String raw(String request) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getInputStream().transferTo(answer);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the gateway has not closed", e);
    } catch (SocketException e) {
      assertThat(answer.size()).as(e.toString()).isPositive();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("gateway");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    door.close(Duration.ZERO);
    upstreams.forEach(Upstream::close);
    services.close();
    keys.close();
    idp.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    executor.shutdownNow();
    timer.shutdownNow();
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    blocked.close();
  }
}
