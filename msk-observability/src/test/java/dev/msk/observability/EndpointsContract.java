package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.ManualTime;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthEndpoint;
import dev.msk.observability.health.LivenessCheck;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.micrometer.core.instrument.Gauge;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sees of {@link ManagementEndpoints}, whatever server they are in: each adapter's test extends this one. */
public abstract class EndpointsContract {

  private final ManualTime time = ManualTime.create();
  private final AtomicReference<Health> database = new AtomicReference<>(Health.up());
  private final PrometheusEndpoint metrics = PrometheusEndpoint.create();
  private final HealthChecks checks = HealthChecks.builder(time, Runnable::run)
      .liveness(LivenessCheck.threadAlive("main", Thread.currentThread()))
      .readiness("database", database::get)
      .ticker(time)
      .build()
      .start();
  private final HttpClient client = HttpClient.newHttpClient();
  private int port;

  /** Starts a real server on a loopback port that gives all requests to the endpoints; answers with the port. */
  protected abstract int serve(ManagementEndpoints endpoints) throws Exception;

  /** Stops it. */
  protected abstract void stop() throws Exception;

  @BeforeEach
  final void start() throws Exception {
    metrics.registry().counter("shop.orders").increment(3);
    port = serve(ManagementEndpoints.builder()
        .metrics(metrics)
        .health(HealthEndpoint.of(checks))
        .build());
  }

  @AfterEach
  final void end() throws Exception {
    stop();
    checks.close();
    metrics.registry().close();
  }

  @Test
  void metrics_areInTheFormThatIsAskedFor() throws Exception {
    HttpResponse<String> plain = get("/metrics");
    HttpResponse<String> open = send(request("/metrics")
        .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
        .build());

    assertThat(plain.statusCode()).isEqualTo(200);
    assertThat(type(plain)).startsWith("text/plain").contains("version=0.0.4");
    assertThat(plain.body()).contains("shop_orders_total 3.0\n");
    assertThat(type(open)).startsWith("application/openmetrics-text");
    assertThat(open.body()).endsWith("# EOF\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/health", "/health/live", "/health/ready", "/health/started", "/livez", "/readyz"
      })
  void probe_isJson(String path) throws Exception {
    HttpResponse<String> probe = get(path);

    assertThat(probe.statusCode()).isEqualTo(200);
    assertThat(type(probe)).startsWith("application/json");
    assertThat(probe.body()).startsWith("{\"status\":\"UP\"");
  }

  @Test
  void readiness_thatIsDown_is503_andLivenessIsNot() throws Exception {
    database.set(Health.down("gone"));
    time.advance(Duration.ofSeconds(5));

    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/readyz").body()).contains("\"reason\":\"gone\"");
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(get("/livez").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/metrics"})
  void head_isGetWithoutTheBody(String path) throws Exception {
    HttpResponse<String> head =
        send(request(path).method("HEAD", BodyPublishers.noBody()).build());

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValueAsLong("Content-Length").orElse(0)).isPositive();
    assertThat(type(head)).isEqualTo(type(get(path)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
  void otherMethod_isRefused_andSaysWhichAreAllowed(String method) throws Exception {
    HttpResponse<String> response = send(request("/metrics")
        .method(method, BodyPublishers.ofString("x".repeat(1_000)))
        .build());

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
    assertThat(get("/livez").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/orders", "/livez/", "/healthz", "/metrics/x", "/LIVEZ"})
  void otherPath_isNotFound_andSaysWhichThereAre(String path) throws Exception {
    HttpResponse<String> response = get(path);

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains("/metrics", "/readyz").doesNotContain("orders");
  }

  @Test
  void probe_waitsForNoScrape() throws Exception {
    CountDownLatch scraping = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Gauge.builder("slow", () -> slowly(scraping, goOn)).register(metrics.registry());

    CompletableFuture<HttpResponse<String>> scrape =
        client.sendAsync(request("/metrics").build(), BodyHandlers.ofString());
    try {
      assertThat(scraping.await(30, TimeUnit.SECONDS)).isTrue();
      for (String path : List.of("/livez", "/readyz", "/health", "/nowhere")) {
        assertThat(get(path).statusCode()).as(path).isIn(200, 404);
      }
      assertThat(scrape).isNotDone();
    } finally {
      goOn.countDown();
    }

    assertThat(scrape.get(30, TimeUnit.SECONDS).body()).contains("slow 1.0\n");
  }

  private static double slowly(CountDownLatch scraping, CountDownLatch goOn) {
    scraping.countDown();
    try {
      return goOn.await(60, TimeUnit.SECONDS) ? 1 : 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(30));
  }

  private static String type(HttpResponse<?> response) {
    return response.headers().firstValue("Content-Type").orElseThrow();
  }
}
