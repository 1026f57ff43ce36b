package dev.msk.observability.prometheus;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.observability.EndpointResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What Prometheus scrapes: the meters of a registry as text.
 *
 * <p>Exemplars name the sampled span that was current at the measurement, on histogram buckets and counters only: servers before
 * 2.43 refuse a whole scrape that has them elsewhere. They are part of the OpenMetrics form, which a scraper asks for with its
 * {@code Accept} header. Thread-safe.
 */
public final class PrometheusEndpoint {

  private static final String OPEN_METRICS = "application/openmetrics-text";
  private static final String OPEN_METRICS_1 = OPEN_METRICS + "; version=1.0.0; charset=utf-8";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry;

  private PrometheusEndpoint(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * An endpoint with a registry of its own, with exemplars from OpenTelemetry's current span.
   *
   * @return an endpoint; give its {@link #registry()} to the telemetry
   * @throws dev.msk.core.MissingDependencyException without micrometer-registry-prometheus
   */
  public static PrometheusEndpoint create() {
    requireLibrary();
    return new PrometheusEndpoint(ExemplarRegistry.create());
  }

  /**
   * An endpoint for a registry that exists.
   *
   * @param registry stays the caller's
   * @return an endpoint
   * @throws dev.msk.core.MissingDependencyException without micrometer-registry-prometheus
   */
  public static PrometheusEndpoint of(PrometheusMeterRegistry registry) {
    requireLibrary();
    return new PrometheusEndpoint(requireNonNull(registry, "registry"));
  }

  /**
   * Where the meters are.
   *
   * @return the registry; it stays open until the caller closes it
   */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /**
   * The answer to {@code GET /metrics}.
   *
   * @param accept the request's {@code Accept} header, or null
   * @return status 200 with OpenMetrics 1.0 if it is asked for, else with Prometheus's text 0.0.4
   */
  public EndpointResponse scrape(@Nullable String accept) {
    String type = accept != null && accept.toLowerCase(Locale.ROOT).contains(OPEN_METRICS)
        ? OPEN_METRICS_1
        : TEXT;
    return new EndpointResponse(200, type, registry.scrape(type).getBytes(StandardCharsets.UTF_8));
  }

  private static void requireLibrary() {
    OptionalDependency.of(
            PrometheusEndpoint.class,
            "prometheus",
            "io.micrometer.prometheusmetrics.PrometheusMeterRegistry")
        .require("Prometheus endpoint");
  }
}
