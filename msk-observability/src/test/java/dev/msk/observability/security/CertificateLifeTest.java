package dev.msk.observability.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.observability.health.HealthStatus;
import dev.msk.security.TlsIdentity;
import dev.msk.security.testing.TestCa;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificateLifeTest {

  private final Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(600);
  private final Instant end = begin.plus(Duration.ofHours(10));
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();

  @TempDir
  private Path folder;

  @Test
  void gauges_fallFromOneToZero_andBelow() {
    try (TlsIdentity identity = identity()) {
      assertThat(remaining(identity, begin)).isCloseTo(1, within(1e-9));
      assertThat(remaining(identity, begin.plus(Duration.ofHours(8)))).isCloseTo(.2, within(1e-9));
      assertThat(remaining(identity, end)).isCloseTo(0, within(1e-9));
      assertThat(remaining(identity, end.plus(Duration.ofHours(1)))).isCloseTo(-.1, within(1e-9));
    }
  }

  @Test
  void expiry_isInSeconds_andGoneOnceItIsClosed() {
    try (TlsIdentity identity = identity()) {
      GaugeType.Registration gauges =
          CertificateLife.register(telemetry, "server", identity, () -> end.minusSeconds(90));
      assertThat(reading("msk.security.certificate.expiry")).hasValue(90);

      gauges.close();
      assertThat(reading("msk.security.certificate.expiry")).isEmpty();
      assertThat(reading("msk.security.certificate.remaining")).isEmpty();
    }
  }

  @Test
  void check_isDownOnceItHasExpired() throws Exception {
    try (TlsIdentity identity = identity()) {
      assertThat(CertificateLife.check(identity).check().status()).isEqualTo(HealthStatus.UP);
      assertThat(
              CertificateLife.check(identity, () -> end.plusSeconds(1)).check().status())
          .isEqualTo(HealthStatus.DOWN);
    }
  }

  private double remaining(TlsIdentity identity, Instant now) {
    try (GaugeType.Registration gauges =
        CertificateLife.register(telemetry, "server", identity, () -> now)) {
      return reading("msk.security.certificate.remaining").orElseThrow();
    }
  }

  private OptionalDouble reading(String name) {
    return telemetry.reading(name, "server");
  }

  private TlsIdentity identity() {
    return TlsIdentity.builder(TestCa.create("shop.example")
            .certificate("orders")
            .valid(begin, end)
            .issue()
            .writeTo(folder))
        .build();
  }
}
