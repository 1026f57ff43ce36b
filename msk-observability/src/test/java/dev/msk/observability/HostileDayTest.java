package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scope;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.testing.ManualTime;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthEndpoint;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpTelemetry;
import dev.msk.observability.http.JdkHeaders;
import dev.msk.observability.logback.EcsEncoder;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What attackers and bad days do to the telemetry of a service: no request is lost, what is remembered is bounded, nobody is told twice. */
@Timeout(120)
final class HostileDayTest {

  private static final int REQUESTS = 10_000;
  private static final int CLIENTS = 4;

  private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();
  private final Logger ours = (Logger) LoggerFactory.getLogger("dev.msk");
  private final ExecutorService threads = Executors.newFixedThreadPool(2 * CLIENTS);
  private final PrometheusEndpoint metrics = PrometheusEndpoint.create();
  private HttpServer server;
  private OpenTelemetrySdk traces;

  @BeforeEach
  void start() throws IOException {
    warnings.start();
    ours.addAppender(warnings);
    int nobodyListens;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobodyListens = closed.getLocalPort();
    }
    traces = OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder()
            .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                    .setEndpoint("http://127.0.0.1:" + nobodyListens + "/v1/traces")
                    .setTimeout(Duration.ofMillis(200))
                    .setRetryPolicy(null)
                    .build())
                .build())
            .build())
        .build();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    traces.close();
    threads.shutdownNow();
    ours.detachAppender(warnings);
  }

  @Test
  void attackersPathsMethodsAndTenants_withADeadExporter_costNoRequest_andAreBounded()
      throws Exception {
    Telemetry telemetry = MskTelemetry.of(traces, metrics.registry());
    HttpTelemetry http = HttpTelemetry.of(telemetry, "http");
    OperationType orders =
        telemetry.operation(OperationSpec.builder("shop.order", OperationKind.INTERNAL)
            .tags("tenant")
            .build());
    server.createContext("/", exchange -> serve(exchange, http, telemetry, orders));

    List<Future<Integer>> clients = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      clients.add(threads.submit(attack(client)));
    }
    int served = 0;
    for (Future<Integer> client : clients) {
      served += client.get();
    }

    assertThat(served).isEqualTo(REQUESTS);
    // A thousand tenants and _OTHER; a handful of methods; the counter of what was dropped.
    assertThat(metrics.registry().getMeters()).hasSizeBetween(1_000, 1_030);
    assertThat(metrics
            .registry()
            .get("msk.telemetry.tags.dropped")
            .tag("instrument", "shop.order")
            .counter()
            .count())
        .isEqualTo(REQUESTS - 1_000);
    assertThat(metrics.registry().get("http.server.request.duration").timers())
        .allSatisfy(timer -> assertThat(timer.getId().getTag("http.request.method"))
            .isIn("GET", Telemetry.OVERFLOW));
    assertThat(warnings.list.stream().filter(HostileDayTest::isWarning))
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(warning ->
            assertThat(warning).startsWith("Telemetry: shop.order, tag tenant: 1000 values"));
  }

  @Test
  void hugeMessage_andArgumentThatThrows_areLinesOfBoundedSize() {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    Logger log = logger(written);

    log.info("{}", "x".repeat(10 << 20));
    log.info("{}", new Object() {
      @Override
      public String toString() {
        throw new IllegalStateException("no text");
      }
    });
    log.info("after");

    List<String> lines = written.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).hasSizeLessThan(20_000);
    assertThat(lines.get(1)).hasSizeLessThan(1_000);
    assertThat(lines.get(2)).contains("\"message\":\"after\"");
  }

  @Test
  void checkThatHangs_keepsNoProbeWaiting() throws Exception {
    ManualTime time = ManualTime.create();
    CountDownLatch forEver = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    try (HealthChecks checks = HealthChecks.builder(time, threads)
        .ticker(time)
        .readiness("hangs", () -> {
          asked.countDown();
          forEver.await();
          return Health.up();
        })
        .build()
        .start()) {
      asked.await();
      time.advance(Duration.ofSeconds(60));

      HealthEndpoint probes = HealthEndpoint.of(checks);
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(probes.get("/readyz").orElseThrow().status()).isEqualTo(503);
      }
      assertThat(warnings.list.stream().filter(HostileDayTest::isWarning)).hasSize(1);
    } finally {
      forEver.countDown();
    }
  }

  private Callable<Integer> attack(int client) {
    HttpClient attacker = HttpClient.newHttpClient();
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return () -> {
      int served = 0;
      for (int i = client; i < REQUESTS; i += CLIENTS) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/" + i + "/x" + i * 31L))
            .method(i % 2 == 0 ? "GET" : "X" + i, HttpRequest.BodyPublishers.noBody())
            .header("x-tenant", "tenant-" + i)
            .build();
        HttpResponse<Void> answer = attacker.send(request, HttpResponse.BodyHandlers.discarding());
        served += answer.statusCode() == 404 ? 1 : 0;
      }
      return served;
    };
  }

  private static void serve(
      HttpExchange exchange, HttpTelemetry http, Telemetry telemetry, OperationType orders)
      throws IOException {
    try (exchange;
        HttpOperation request = http.server(exchange.getRequestMethod(), "")
            .start(
                exchange.getRequestURI().getPath(),
                exchange.getRequestHeaders(),
                new JdkHeaders());
        Scope scope = request.makeCurrent()) {
      try (Operation order = orders
          .bind(exchange.getRequestHeaders().getFirst("x-tenant"))
          .start(telemetry.current())) {
        order.attribute("order.path", exchange.getRequestURI().getPath());
      }
      request.status(404);
      exchange.sendResponseHeaders(404, -1);
    }
  }

  private static Logger logger(ByteArrayOutputStream written) {
    Logger log = (Logger) LoggerFactory.getLogger("hostile");
    EcsEncoder encoder = new EcsEncoder();
    encoder.setContext(log.getLoggerContext());
    encoder.setServiceName("orders");
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(log.getLoggerContext());
    appender.setEncoder(encoder);
    appender.setOutputStream(written);
    appender.start();
    log.setAdditive(false);
    log.addAppender(appender);
    return log;
  }

  private static boolean isWarning(ILoggingEvent event) {
    return event.getLevel().isGreaterOrEqual(Level.WARN);
  }
}
