package dev.msk.observability.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.core.testing.ManualTime;
import dev.msk.observability.EndpointResponse;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class HealthEndpointTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ManualTime time = ManualTime.create();

  @Test
  void up_is200_inMicroProfilesForm() throws IOException {
    EndpointResponse response =
        endpoint(Health.up().with("partitions", "16")).get("/health/ready").orElseThrow();

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.contentType()).isEqualTo("application/json");
    assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("""
        {"status": "UP", "checks": [{"name": "relay", "status": "UP", "data": {"partitions": "16"}}]}
        """));
  }

  @Test
  void unknown_is503_andDownWithItsState() throws IOException {
    EndpointResponse response =
        endpoint(Health.unknown("first \"check\"")).get("/health/ready").orElseThrow();

    assertThat(response.status()).isEqualTo(503);
    assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("""
        {"status": "DOWN", "checks": [{"name": "relay", "status": "DOWN",
          "data": {"reason": "first \\"check\\"", "state": "UNKNOWN"}}]}
        """));
  }

  @Test
  void readyz_isInBootsForm() throws IOException {
    EndpointResponse response = endpoint(Health.unknown("new")).get("/readyz").orElseThrow();

    assertThat(response.status()).isEqualTo(503);
    assertThat(JSON.readTree(response.body())).isEqualTo(JSON.readTree("""
        {"status": "UNKNOWN", "components": {"relay": {"status": "UNKNOWN", "details": {"reason": "new"}}}}
        """));
  }

  @Test
  void liveness_isUp_whileReadinessIsDown() throws IOException {
    HealthEndpoint endpoint = endpoint(Health.down("gone"));

    assertThat(endpoint.get("/livez").orElseThrow().status()).isEqualTo(200);
    assertThat(endpoint.get("/health/live").orElseThrow().status()).isEqualTo(200);
    assertThat(endpoint.get("/health/started").orElseThrow().status()).isEqualTo(200);
    assertThat(endpoint.get("/health").orElseThrow().status()).isEqualTo(503);
    JsonNode all = JSON.readTree(endpoint.get("/health").orElseThrow().body());
    assertThat(all.get("checks")).hasSize(2);
  }

  @Test
  void otherPath_isNotOurs() {
    assertThat(endpoint(Health.up()).get("/orders")).isEmpty();
  }

  private HealthEndpoint endpoint(Health relay) {
    return HealthEndpoint.of(HealthChecks.builder(time, Runnable::run)
        .liveness(LivenessCheck.noDeadlock())
        .readiness("relay", () -> relay)
        .ticker(time)
        .build()
        .start());
  }
}
