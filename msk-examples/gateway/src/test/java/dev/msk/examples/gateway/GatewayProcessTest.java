package dev.msk.examples.gateway;

import static dev.msk.examples.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scheduler;
import dev.msk.discovery.eureka.EurekaRegistry;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process itself: how it fails, when it is ready, and how it ends. */
@WithServers
class GatewayProcessTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final Pattern READY =
      Pattern.compile("gateway: ready on (http://[^\\s,]+), management on (http://[^\\s\"]+)");

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final TestCa ca = TestCa.create("shop.example");

  @TempDir
  private Path folder;

  @Test
  void wrongSettings_areOneLineAndCode2() throws Exception {
    Path routes = folder.resolve("mine.yaml");
    Files.writeString(routes, """
        routes: [ { name: a, match: { method: GET, path: /a }, service: s, scopes: [], limits: { body: 1KB } } ]
        """);

    assertThatThrownBy(() -> process()
            .env("HTTP_PORT", "http")
            .env("ROUTES", routes.toString())
            .env("BREAKER_FAILURES", "0.5")
            .env("BREAKER_WINDOW", "PT1.5S")
            .start())
        .hasMessageContaining("ended with code 2")
        .hasMessageContaining("gateway: HTTP_PORT: http (expected: ")
        .hasMessageContaining("mine.yaml: a.limits.body: 1KB (expected: 0B to 16MiB")
        .hasMessageContaining("BREAKER_FAILURES: 0.5 (expected: a whole number, 1 to 100)")
        .hasMessageContaining("BREAKER_WINDOW: PT1.5S (expected: whole seconds)")
        .hasMessageContaining("TLS_FOLDER: not set (expected: ")
        .hasMessageContaining("TOKEN_ISSUER: not set (expected: ");
  }

  @Test
  void portThatIsTaken_isOneLineAndCode1() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> process()
              .env("HTTP_PORT", String.valueOf(taken.getLocalPort()))
              .env("MANAGEMENT_PORT", "0")
              .env("TLS_FOLDER", identity("gateway").toString())
              .env("TOKEN_ISSUER", "http://127.0.0.1:1")
              .start())
          .hasMessageContaining("ended with code 1")
          .hasMessageContaining("its port is taken");
    }
  }

  @Test
  void sigterm_letsARequestThatIsUnderWayFinish(EurekaServer eureka) throws Exception {
    var timer = Executors.newSingleThreadScheduledExecutor();
    var executor = Executors.newCachedThreadPool();
    Queue<HttpServerRequest> hanging = new ConcurrentLinkedQueue<>();
    try (TestIdp idp = TestIdp.builder().start();
        EurekaRegistry registry = EurekaRegistry.builder(
                List.of(eureka.url()), Scheduler.of(timer), executor)
            .build();
        Upstream orders = Upstream.start("orders", identity("orders"));
        ChildProcess gateway = process()
            .env("HTTP_PORT", "0")
            .env("MANAGEMENT_PORT", "0")
            .env("TLS_FOLDER", identity("gateway").toString())
            .env("TOKEN_ISSUER", idp.issuer())
            .env("EUREKA_URL", eureka.url().toString())
            .env("EUREKA_REFRESH", "PT1S")
            .env("DRAIN", "PT0S")
            .env("ROUTES", patientRoutes().toString())
            .start()) {
      var registration = registry.register(orders.instance());
      Matcher urls = ready(gateway);
      String token =
          "Bearer " + idp.token("ada").audience("shop").scopes("orders:read").sign();
      HttpRequest.Builder show = HttpRequest.newBuilder(URI.create(urls.group(1) + "/orders/1"))
          .header("Authorization", token)
          .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01");

      eventually("ready", () -> get(urls.group(2) + "/readyz").statusCode() == 200);
      eventually("registered", () -> send(show).statusCode() == 200);
      assertThat(orders.last().version()).isEqualTo(HttpVersion.HTTP_2);
      assertThat(orders.last().headers().get("traceparent")).startsWith("00-" + TRACE);
      assertThat(get(urls.group(2) + "/metrics").body())
          .contains("http_server_request_duration_seconds_count{")
          .contains("http_route=\"/orders/{id}\"")
          .contains("http_client_request_duration_seconds_count{");

      orders.answer(hanging::add);
      CompletableFuture<HttpResponse<String>> underWay =
          http.sendAsync(show.build(), BodyHandlers.ofString());
      eventually("under way", () -> !hanging.isEmpty());
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(gateway::stop, executor);
      eventually("closed for others", () -> isRefused(URI.create(urls.group(1)).getPort()));
      assertThat(underWay).isNotDone();
      hanging.forEach(request -> request.response().end("finished"));

      assertThat(underWay.get(60, TimeUnit.SECONDS).body()).isEqualTo("finished");
      stopped.get(60, TimeUnit.SECONDS);
      assertThat(gateway.exitCode()).isEqualTo(128 + 15);
      assertThat(log(gateway)).contains("gateway: stopped in").doesNotContain("has been blocked");
      registration.close();
    } finally {
      executor.shutdownNow();
      timer.shutdownNow();
    }
  }

  private static ChildProcess.Builder process() {
    return ChildProcess.builder("gateway")
        .main(GatewayMain.class.getName())
        .jvmArgs("-Xmx128m", "-XX:TieredStopAtLevel=1")
        .readyWhenLog(line -> line.contains("gateway: ready on http://127.0.0.1:"));
  }

  /** The shipped routes with a minute of time for each. */
  private Path patientRoutes() throws IOException {
    try (var shipped = Routes.class.getResourceAsStream("/routes.yaml")) {
      String yaml = new String(shipped.readAllBytes(), StandardCharsets.UTF_8);
      return Files.writeString(
          folder.resolve("routes.yaml"), yaml.replaceAll("time: PT\\d+S", "time: PT1M"));
    }
  }

  private Path identity(String service) throws IOException {
    Path files = Files.createDirectories(folder.resolve(service));
    ca.certificate(service).issue().writeTo(files);
    return files;
  }

  private static Matcher ready(ChildProcess gateway) {
    Matcher matcher = READY.matcher(log(gateway));
    assertThat(matcher.find()).isTrue();
    return matcher;
  }

  private static boolean isRefused(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static String log(ChildProcess process) {
    try {
      return Files.readString(process.logFile());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> get(String url) {
    return send(HttpRequest.newBuilder(URI.create(url)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.timeout(Duration.ofMinutes(1)).build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
