package dev.msk.observability;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scheduler;
import dev.msk.core.Scope;
import dev.msk.core.Ticker;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.grpc.GrpcTelemetry;
import dev.msk.observability.health.DataSourceCheck;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthEndpoint;
import dev.msk.observability.health.Heartbeat;
import dev.msk.observability.health.LivenessCheck;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpServerRoute;
import dev.msk.observability.http.HttpTelemetry;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The code of the README, compiled here and run by {@link ReadmeTest}. */
final class Snippets {

  private final OpenTelemetry openTelemetry;
  private final DataSource dataSource;
  private final Scheduler scheduler;
  private final Executor executor;

  Snippets(
      OpenTelemetry openTelemetry, DataSource dataSource, Scheduler scheduler, Executor executor) {
    this.openTelemetry = openTelemetry;
    this.dataSource = dataSource;
    this.scheduler = scheduler;
    this.executor = executor;
  }

  HealthChecks serve(HttpServer server) {
    // snippet: telemetry
    PrometheusEndpoint metrics = PrometheusEndpoint.create(); // or any MeterRegistry of yours
    Telemetry telemetry = MskTelemetry.of(openTelemetry, metrics.registry());
    JvmMeters jvm = JvmMeters.bindTo(metrics.registry());
    // Outbox.builder(…).telemetry(telemetry), EventConsumer.builder(…).telemetry(telemetry), …

    server.createContext("/metrics", exchange -> {
      String accept = exchange.getRequestHeaders().getFirst("Accept");
      answer(exchange, metrics.scrape(accept));
    });
    // end

    // snippet: health
    Heartbeat loop = Heartbeat.of("order-loop", Duration.ofSeconds(30), Ticker.system());
    HealthChecks checks = HealthChecks.builder(scheduler, executor)
        .liveness(loop.check()) // the loop calls loop.beat(); a dependency is refused by type
        .liveness(LivenessCheck.noDeadlock())
        .readiness("database", DataSourceCheck.of(dataSource))
        .build()
        .start();
    HealthEndpoint probes = HealthEndpoint.of(checks);
    for (String path : List.of("/health", "/livez", "/readyz")) {
      server.createContext(path, exchange -> {
        String asked = exchange.getRequestURI().getPath();
        answer(
            exchange,
            probes.get(asked).orElse(new EndpointResponse(404, "text/plain", new byte[0])));
      });
    }
    // end

    // snippet: http
    HttpTelemetry http = HttpTelemetry.of(telemetry, "http");
    HttpServerRoute getOrder = http.server("GET", "/orders/{id}"); // once, ahead
    server.createContext("/orders/", exchange -> {
      String path = exchange.getRequestURI().getPath();
      try (HttpOperation request =
              getOrder.start(path, exchange.getRequestHeaders(), new JdkHeaders());
          Scope scope = request.makeCurrent()) { // what runs here belongs to the caller's trace
        request.status(204);
        exchange.sendResponseHeaders(204, -1);
      }
    });
    // end
    closing = jvm;
    return checks;
  }

  private @Nullable JvmMeters closing;

  void close() {
    if (closing != null) {
      closing.close();
    }
  }

  static void grpc(Telemetry telemetry, ServerBuilder<?> server, ManagedChannelBuilder<?> channel) {
    // snippet: grpc
    GrpcTelemetry grpc = GrpcTelemetry.of(telemetry);
    server.intercept(grpc.serverInterceptor()); // the last one given is the outermost
    channel.intercept(grpc.clientInterceptor());
    // end
  }

  private static void answer(HttpExchange exchange, EndpointResponse response) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", response.contentType());
      exchange.sendResponseHeaders(
          response.status(), response.body().length == 0 ? -1 : response.body().length);
      exchange.getResponseBody().write(response.body());
    }
  }

  static final class JdkHeaders implements HeaderGetter<Headers> {

    @Override
    public @Nullable String get(Headers carrier, String name) {
      return carrier.getFirst(name);
    }

    @Override
    public List<String> getAll(Headers carrier, String name) {
      return carrier.getOrDefault(name, List.of());
    }
  }
}
