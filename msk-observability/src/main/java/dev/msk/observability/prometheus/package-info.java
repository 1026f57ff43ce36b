/** {@code /metrics}: {@link dev.msk.observability.prometheus.PrometheusEndpoint}. Needs micrometer-registry-prometheus. */
package dev.msk.observability.prometheus;
