package dev.msk.examples.chassis;

import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.JvmMeters;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.logback.LogMeters;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SdkTracerProviderBuilder;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * What this process tells of itself: spans by OTLP to a collector, meters for Prometheus. Thread-safe.
 */
public final class Observability implements AutoCloseable {

  /**
   * Where spans go, by OpenTelemetry's own variables.
   *
   * <pre>
   * OTEL_EXPORTER_OTLP_ENDPOINT  not set: no spans are sent. http://localhost:4318 is Jaeger, say
   * OTEL_TRACES_SAMPLER_ARG      100     per cent of the traces that begin here; those of callers are kept as they said
   * OTEL_BSP_SCHEDULE_DELAY      1000    ms that spans wait for others, to be sent together
   * </pre>
   *
   * @param endpoint of an OTLP collector, empty for none
   * @param percent of traces
   * @param delay before spans are sent
   */
  public record Settings(Optional<URI> endpoint, long percent, Duration delay) {

    /**
     * Reads the environment.
     *
     * @param environment remembers what is wrong
     * @return the settings
     */
    public static Settings of(Environment environment) {
      String endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
      return new Settings(
          environment
              .optional(endpoint)
              .map(set -> environment.uri(endpoint, "http://localhost:4318")),
          environment.number("OTEL_TRACES_SAMPLER_ARG", 100, 0, 100),
          Duration.ofMillis(environment.number("OTEL_BSP_SCHEDULE_DELAY", 1_000, 10, 60_000)));
    }
  }

  private final OpenTelemetrySdk traces;
  private final PrometheusEndpoint metrics = PrometheusEndpoint.create();
  private final JvmMeters jvm = JvmMeters.bindTo(metrics.registry());
  private final Telemetry telemetry;

  private Observability(Settings settings, String service, String instance) {
    Resource resource = Resource.getDefault()
        .merge(Resource.create(Attributes.of(
            AttributeKey.stringKey("service.name"),
            service,
            AttributeKey.stringKey("service.instance.id"),
            instance)));
    SdkTracerProviderBuilder spans = SdkTracerProvider.builder()
        .setResource(resource)
        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.percent() / 100.0)));
    settings
        .endpoint()
        .ifPresent(endpoint ->
            spans.addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                    .setEndpoint(endpoint.resolve("/v1/traces").toString())
                    .build())
                .setScheduleDelay(settings.delay())
                .build()));
    this.traces = OpenTelemetrySdk.builder()
        .setTracerProvider(spans.build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
    this.telemetry = MskTelemetry.of(traces, metrics.registry());
    LogMeters.bindTo(metrics.registry());
  }

  /**
   * Begins to listen.
   *
   * @param settings where spans go
   * @param service its name
   * @param instance which of its instances
   * @return to be closed, last of all: it sends what is left
   */
  public static Observability start(Settings settings, String service, String instance) {
    return new Observability(settings, service, instance);
  }

  /**
   * What the blocks speak to.
   *
   * @return for their builders
   */
  public Telemetry telemetry() {
    return telemetry;
  }

  /**
   * The meters.
   *
   * @return what {@code /metrics} shows
   */
  public PrometheusEndpoint metrics() {
    return metrics;
  }

  @Override
  public void close() {
    traces.close();
    jvm.close();
  }
}
