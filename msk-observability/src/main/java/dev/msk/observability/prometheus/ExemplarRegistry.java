package dev.msk.observability.prometheus;

import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Makes registries with exemplars. Apart from the endpoint, which must load without the library to say what is missing. */
final class ExemplarRegistry {

  private ExemplarRegistry() {}

  static PrometheusMeterRegistry create() {
    return new PrometheusMeterRegistry(
        new BucketsAndCountersOnly(), new PrometheusRegistry(), Clock.SYSTEM, new CurrentSpan());
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
