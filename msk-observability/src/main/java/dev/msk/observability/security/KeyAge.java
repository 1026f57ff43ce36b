package dev.msk.observability.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthCheck;
import dev.msk.security.JwksSource;
import java.time.Duration;

/** How old the keys of a token issuer are. They are fetched again every few minutes; older ones say that the issuer is away. */
public final class KeyAge {

  private static final GaugeSpec AGE = GaugeSpec.of(
      "msk.security.jwks.age",
      "Time since the keys of a token issuer were fetched; NaN before the first time",
      "s",
      "issuer");

  private KeyAge() {}

  /**
   * Shows it: gauge {@code msk.security.jwks.age} (seconds), tag {@code issuer}.
   *
   * @param telemetry takes the gauge
   * @param issuer its name
   * @param keys of the issuer
   * @return closes the gauge
   */
  public static GaugeType.Registration register(
      Telemetry telemetry, String issuer, JwksSource keys) {
    requireNonNull(keys, "keys");
    return telemetry
        .gauge(AGE)
        .register(() -> keys.age().map(age -> age.toMillis() / 1e3).orElse(Double.NaN), issuer);
  }

  /**
   * Down while there are no keys, or only such as are too old to be used.
   *
   * @param keys of the issuer
   * @param outageTolerance as the source was built with
   * @return a check that waits for nothing
   */
  public static HealthCheck check(JwksSource keys, Duration outageTolerance) {
    requireNonNull(keys, "keys");
    requireNonNull(outageTolerance, "outageTolerance");
    return () -> {
      Duration age = keys.age().orElse(null);
      if (age == null) {
        return Health.down("no keys yet");
      }
      return age.compareTo(outageTolerance) > 0
          ? Health.down("keys are too old").with("age", age.toSeconds() + " s")
          : Health.up().with("age", age.toSeconds() + " s");
    };
  }
}
