package dev.msk.benchmarks.observability;

import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import org.jspecify.annotations.Nullable;

/** What all contenders report to: a registry of Prometheus, and OpenTelemetry's SDK with one sampler. Thread-safe. */
final class Backends implements AutoCloseable {

  /** How much is reported. */
  enum Level {
    /** Nothing. */
    OFF,
    /** Durations, no spans. */
    METRICS,
    /** Durations, and spans of which the sampler keeps none. */
    UNSAMPLED,
    /** Durations, and spans that are all kept, sent in batches. */
    SAMPLED
  }

  private final Level level;
  private final MeterRegistry registry = PrometheusEndpoint.create().registry();
  private final @Nullable OpenTelemetrySdk sdk;

  private Backends(Level level, @Nullable OpenTelemetrySdk sdk) {
    this.level = level;
    this.sdk = sdk;
    registry.config().meterFilter(new OurBuckets());
  }

  static Backends of(Level level, SpanExporter exporter) {
    return switch (level) {
      case OFF, METRICS -> new Backends(level, null);
      case UNSAMPLED -> new Backends(level, sdk(Sampler.alwaysOff(), exporter));
      case SAMPLED -> new Backends(level, sdk(Sampler.alwaysOn(), exporter));
    };
  }

  private static OpenTelemetrySdk sdk(Sampler sampler, SpanExporter exporter) {
    return OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder()
            .setSampler(Sampler.parentBased(sampler))
            .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
            .build())
        .build();
  }

  Level level() {
    return level;
  }

  MeterRegistry registry() {
    return registry;
  }

  OpenTelemetry openTelemetry() {
    return sdk == null ? OpenTelemetry.noop() : sdk;
  }

  Telemetry telemetry() {
    return level == Level.OFF ? Telemetry.noop() : MskTelemetry.of(openTelemetry(), registry);
  }

  /** Sends what is left. */
  @Override
  public void close() {
    if (sdk != null) {
      sdk.close();
    }
    registry.close();
  }

  /** What an observation measures has the buckets that ours has. */
  private static final class OurBuckets implements MeterFilter {

    @Override
    public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
      return id.getName().equals(Reported.NAME)
          ? DistributionStatisticConfig.builder()
              .serviceLevelObjectives(OperationSpec.DEFAULT_BUCKETS.stream()
                  .mapToDouble(seconds -> seconds * 1e9)
                  .toArray())
              .build()
              .merge(config)
          : config;
    }
  }
}
