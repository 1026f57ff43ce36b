package dev.msk.observability;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scheduler;
import dev.msk.core.Scope;
import dev.msk.core.Ticker;
import dev.msk.core.release.ReleaseJudge;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.messaging.OutboxRelay;
import dev.msk.observability.discovery.InstancesCheck;
import dev.msk.observability.grafana.Dashboard;
import dev.msk.observability.grpc.GrpcHealth;
import dev.msk.observability.grpc.GrpcTelemetry;
import dev.msk.observability.health.DataSourceCheck;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthEndpoint;
import dev.msk.observability.health.HealthGroup;
import dev.msk.observability.health.Heartbeat;
import dev.msk.observability.health.LivenessCheck;
import dev.msk.observability.health.WatchedThreads;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpServerEndpoints;
import dev.msk.observability.http.HttpServerRoute;
import dev.msk.observability.http.HttpTelemetry;
import dev.msk.observability.messaging.RelayCheck;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import dev.msk.observability.release.CanaryJudge;
import dev.msk.observability.rules.BlockAlerts;
import dev.msk.observability.rules.RuleFile;
import dev.msk.observability.rules.RuleGroup;
import dev.msk.observability.saga.StuckSagas;
import dev.msk.observability.security.CertificateLife;
import dev.msk.observability.security.KeyAge;
import dev.msk.observability.slo.BurnAlert;
import dev.msk.observability.slo.BurnRate;
import dev.msk.observability.slo.Sli;
import dev.msk.observability.slo.Slo;
import dev.msk.observability.slo.SloRules;
import dev.msk.observability.tail.TailSampling;
import dev.msk.saga.SagaAdmin;
import dev.msk.security.JwksSource;
import dev.msk.security.TlsIdentity;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
    // end

    // snippet: health
    Heartbeat loop = Heartbeat.of("order-loop", Duration.ofSeconds(30), Ticker.system());
    HealthChecks checks = HealthChecks.builder(scheduler, executor)
        .liveness(loop.check()) // the loop calls loop.beat(); a dependency is refused by type
        .liveness(LivenessCheck.noDeadlock())
        .readiness("database", DataSourceCheck.of(dataSource))
        .build()
        .start();
    ManagementEndpoints endpoints = ManagementEndpoints.builder()
        .metrics(metrics)
        .health(HealthEndpoint.of(checks))
        .build();
    server.createContext("/", HttpServerEndpoints.handler(endpoints));
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

  static GrpcHealth grpcHealth(HealthChecks checks, Scheduler scheduler, ServerBuilder<?> server) {
    // snippet: grpc-health
    GrpcHealth health = GrpcHealth.builder(checks, scheduler)
        .service("shop.v1.Orders", HealthGroup.READINESS) // beside "", liveness, readiness, startup
        .build();
    server.addService(health.service());
    // checks.drain(), then health.close(), then the server's own shutdown
    // end
    return health;
  }

  static HealthChecks blocks(
      Scheduler scheduler,
      Executor executor,
      OutboxRelay relay,
      TlsIdentity identity,
      JwksSource keys,
      ServiceDiscovery discovery) {
    // snippet: block-checks
    WatchedThreads consuming = WatchedThreads.of("consumer", Thread::new);
    // EventConsumer.builder(…).threadFactory(consuming)

    HealthChecks checks = HealthChecks.builder(scheduler, executor)
        .liveness(consuming.check())
        .readiness("certificate", CertificateLife.check(identity))
        .readiness("keys", KeyAge.check(keys, Duration.ofHours(1)))
        .optional("relay", RelayCheck.of(relay))
        .optional("inventory", InstancesCheck.of(discovery, "inventory", Duration.ofMinutes(10)))
        .build();
    // end
    return checks;
  }

  static void writeRules(Path folder) throws IOException {
    // snippet: rules
    String runbooks = "https://runbooks.example.org/";
    Slo placed = Slo.builder("orders", "requests-availability", 99.9, Sli.http("job=\"orders\""))
        .runbook(runbooks + "OrdersRequestsAvailability.md")
        .build();
    List<RuleGroup> groups = new ArrayList<>(BlockAlerts.groups(runbooks));
    groups.addAll(SloRules.of(placed));
    Files.writeString(folder.resolve("msk.rules.yml"), RuleFile.of(groups).toYaml());
    // end

    // snippet: dashboards
    for (Dashboard dashboard : Dashboard.values()) {
      Files.writeString(folder.resolve(dashboard.fileName()), dashboard.json());
    }
    // end
  }

  static BurnRate burnRate(Scheduler scheduler, Telemetry telemetry, Runnable takeBack) {
    // snippet: burn-rate
    BurnRate orders = BurnRate.builder(99.9, scheduler)
        .telemetry(telemetry, "orders")
        .listener(alert -> {
          if (alert == BurnAlert.PAGE) {
            takeBack.run();
          }
        })
        .build();
    orders.good(); // after each request
    orders.bad();
    // end
    return orders;
  }

  static String judged(CanaryJudge judge, boolean answered, long nanos) {
    // snippet: judge
    // CanaryJudge judge = CanaryJudge.builder().build();
    judge
        .calls("orders", "1.5.0")
        .ended(answered, nanos); // after each call, whoever sees which version answered
    ReleaseJudge.Verdict verdict = judge.judge("orders", "1.5.0", "1.4.2");
    if (verdict instanceof ReleaseJudge.Fail fail) {
      return fail.reason(); // error ratio 0.5, baseline 0.0
    }
    // end
    return verdict.toString();
  }

  static void attached(
      Telemetry telemetry,
      TlsIdentity identity,
      JwksSource keys,
      SagaAdmin admin,
      Scheduler scheduler,
      Executor executor) {
    // snippet: attached
    CertificateLife.register(telemetry, "server", identity);
    KeyAge.register(telemetry, "shop", keys);
    StuckSagas stuck = StuckSagas.watch(admin, telemetry, scheduler, executor);
    // end
    stuck.close();
  }

  static HttpTelemetry outside(MskTelemetry telemetry) {
    // snippet: boundary
    BaggageBoundary boundary = BaggageBoundary.builder().send("region").build();
    HttpTelemetry partners = HttpTelemetry.of(telemetry.outside(boundary), "https");
    // end
    return partners;
  }

  static SdkTracerProvider tail(SpanExporter exporter, MeterRegistry registry) {
    // snippet: tail
    TailSampling tail = TailSampling.builder(
            Sampler.parentBased(Sampler.traceIdRatioBased(0.01)),
            BatchSpanProcessor.builder(exporter).build())
        .slowerThan(Duration.ofMillis(500))
        .build();
    SdkTracerProvider traces = SdkTracerProvider.builder()
        .setSampler(tail.sampler())
        .addSpanProcessor(tail.processor())
        .build();
    tail.bindTo(registry);
    // end
    return traces;
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
