package dev.msk.observability.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.observability.health.HealthCheck;
import dev.msk.observability.health.HealthStatus;
import dev.msk.security.JwksSource;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification.Verified;
import dev.msk.security.testing.TestIdp;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class KeyAgeTest {

  private final ManualTime time = ManualTime.create();
  private final TestIdp idp = TestIdp.builder().clock(time).start();
  private final JwksSource keys = JwksSource.discover(idp.issuer()).ticker(time).build();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();

  @AfterEach
  void stop() {
    keys.close();
    idp.close();
  }

  @Test
  void age_growsFromTheFirstFetchOn() throws Exception {
    HealthCheck check = KeyAge.check(keys, Duration.ofHours(1));
    try (GaugeType.Registration gauge = KeyAge.register(telemetry, "shop", keys)) {
      assertThat(age()).isNaN();
      assertThat(check.check().status()).isEqualTo(HealthStatus.DOWN);

      fetch();
      assertThat(age()).isCloseTo(0, within(1e-6));
      assertThat(check.check().status()).isEqualTo(HealthStatus.UP);

      idp.down(true);
      time.advance(Duration.ofMinutes(61));
      assertThat(age()).isCloseTo(3_660, within(1e-6));
      assertThat(check.check().status()).isEqualTo(HealthStatus.DOWN);
    }
    assertThat(telemetry.reading("msk.security.jwks.age", "shop")).isEmpty();
  }

  private void fetch() {
    TokenVerifier verifier =
        TokenVerifier.builder(idp.issuer(), keys).audience("orders").clock(time).build();
    assertThat(verifier.verify(idp.token("ann").audience("orders").sign()))
        .isInstanceOf(Verified.class);
  }

  private double age() {
    return telemetry.reading("msk.security.jwks.age", "shop").orElseThrow();
  }
}
