package dev.msk.observability.backends;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.localservers.VictoriaMetricsServer;
import io.micrometer.core.instrument.Clock;
import io.micrometer.datadog.DatadogMeterRegistry;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Metrics as Datadog is sent them, read back from VictoriaMetrics, which is an intake for what speaks to Datadog. */
final class DatadogMetricsTest {

  private static VictoriaMetricsServer intake;

  @BeforeAll
  static void start() {
    VictoriaMetricsServer.missing().ifPresent(why -> {
      System.err.println("SKIPPED DatadogMetricsTest: " + why);
      Assumptions.abort(why);
    });
    intake = VictoriaMetricsServer.start();
    Map<String, String> settings =
        Map.of("datadog.uri", intake.url() + "/datadog", "datadog.apiKey", "a-key");
    DatadogMeterRegistry registry = new DatadogMeterRegistry(settings::get, Clock.SYSTEM);
    Backends.measure(registry);
    registry.close(); // publishes
    intake.flush();
  }

  @AfterAll
  static void stop() {
    if (intake != null) {
      intake.close();
    }
  }

  @Test
  void operation_isCountSumAndMaximum_inMilliseconds_withTheConventionsTags() throws IOException {
    JsonNode count = sample("http.server.request.duration.count");

    assertThat(value(count)).isEqualTo(1);
    assertThat(value(sample("http.server.request.duration.sum"))).isEqualTo(30);
    assertThat(value(sample("http.server.request.duration.max"))).isEqualTo(30);
    assertThat(count.path("metric").path("http.request.method").asText()).isEqualTo("GET");
    assertThat(count.path("metric").path("http.route").asText()).isEqualTo("/orders/{id}");
    assertThat(count.path("metric").path("http.response.status_code").asText()).isEqualTo("200");
  }

  @Test
  void counterAndGauge_haveTheirNames() throws IOException {
    assertThat(value(sample("msk.outbox.relay.sent"))).isEqualTo(7);
    assertThat(value(sample("msk.outbox.oldest.age"))).isEqualTo(5);
  }

  private static JsonNode sample(String metric) throws IOException {
    JsonNode found = new ObjectMapper().readTree(intake.query("{__name__=\"" + metric + "\"}"));
    assertThat(found.path("data").path("result"))
        .as("%s (received: %s)", metric, intake.api("GET", "/api/v1/label/__name__/values"))
        .hasSize(1);
    return found.path("data").path("result").path(0);
  }

  private static double value(JsonNode sample) {
    return sample.path("value").path(1).asDouble();
  }
}
