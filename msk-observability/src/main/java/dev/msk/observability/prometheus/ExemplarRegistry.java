package dev.msk.observability.prometheus;

import dev.msk.observability.internal.WindowClock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Makes registries with exemplars, whose windows know the time by each scrape and each operation. Apart from the endpoint, which must load without the library to say what is missing. */
final class ExemplarRegistry {

  private static final MetricSnapshots NO_METRICS = new MetricSnapshots();

  private ExemplarRegistry() {}

  static PrometheusMeterRegistry create() {
    WindowClock clock = new WindowClock();
    PrometheusRegistry registry = new PrometheusRegistry();
    registry.register((MultiCollector) () -> {
      clock.read();
      return NO_METRICS;
    });
    return new PrometheusMeterRegistry(
        new BucketsAndCountersOnly(), registry, clock, new CurrentSpan());
  }

  private static final class BucketsAndCountersOnly implements PrometheusConfig {

    @Override
    public @Nullable String get(String key) {
      return null;
    }

    @Override
    public Properties prometheusProperties() {
      Properties properties = new Properties();
      properties.setProperty("io.prometheus.exporter.exemplarsOnAllMetricTypes", "false");
      return properties;
    }
  }
}
