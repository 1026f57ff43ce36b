package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthEndpoint;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.prometheus.metrics.model.registry.MultiCollector;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What does not depend on a server; the rest is in {@link EndpointsContract}. */
final class ManagementEndpointsTest {

  private final ManualTime time = ManualTime.create();
  private final HealthEndpoint health =
      HealthEndpoint.of(HealthChecks.builder(time, Runnable::run).ticker(time).build());

  @Test
  void paths_areThoseOfTheEndpointsThatAreThere() {
    ManagementEndpoints probes = ManagementEndpoints.builder().health(health).build();
    ManagementEndpoints metrics =
        ManagementEndpoints.builder().metrics(PrometheusEndpoint.create()).build();

    assertThat(probes.paths()).contains("/health", "/livez").doesNotContain("/metrics");
    assertThat(probes.answer("GET", "/metrics", null).status()).isEqualTo(404);
    assertThat(metrics.paths()).containsExactly("/metrics");
    assertThat(metrics.answer("GET", "/livez", null).status()).isEqualTo(404);
  }

  @Test
  void onlyAScrape_takesTime() {
    ManagementEndpoints both = ManagementEndpoints.builder()
        .metrics(PrometheusEndpoint.create())
        .health(health)
        .build();

    assertThat(both.paths())
        .filteredOn(path -> !both.answersAtOnce(path))
        .containsExactly("/metrics");
    assertThat(both.answersAtOnce("/orders")).isTrue();
    assertThat(ManagementEndpoints.builder().health(health).build().answersAtOnce("/metrics"))
        .isTrue();
  }

  @Test
  void scrapeThatThrows_is500_withoutTheReason() {
    PrometheusEndpoint broken = PrometheusEndpoint.create();
    broken.registry().getPrometheusRegistry().register((MultiCollector) () -> {
      throw new IllegalStateException("jdbc:postgresql://admin:hunter2@db");
    });

    EndpointResponse response =
        ManagementEndpoints.builder().metrics(broken).build().answer("GET", "/metrics", null);

    assertThat(response.status()).isEqualTo(500);
    assertThat(new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo("/metrics: failed, see the log\n");
  }

  @Test
  void noEndpoint_isRefused() {
    assertThatThrownBy(() -> ManagementEndpoints.builder().build())
        .hasMessage("endpoints: none (expected: metrics, health or both)");
  }
}
