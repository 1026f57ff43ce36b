package dev.msk.observability.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthCheck;
import dev.msk.security.TlsIdentity;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * How much of the life of a process's certificate is left. A fifth is late, since whoever renews it does so at half of it or two thirds,
 * whether it lives for an hour or for a year.
 */
public final class CertificateLife {

  private static final GaugeSpec REMAINING = GaugeSpec.of(
      "msk.security.certificate.remaining",
      "Share of a certificate's life that is left; negative once it has expired",
      "1",
      "identity");
  private static final GaugeSpec EXPIRY = GaugeSpec.of(
      "msk.security.certificate.expiry",
      "Time until a certificate expires; negative once it has",
      "s",
      "identity");

  private CertificateLife() {}

  /**
   * Shows it: gauges {@code msk.security.certificate.remaining} (1 when it is new, 0 when it expires) and {@code
   * msk.security.certificate.expiry} (seconds), tag {@code identity}.
   *
   * @param telemetry takes the gauges
   * @param name what the certificate is for, for example {@code server}
   * @param identity holds it
   * @return closes both gauges
   */
  public static GaugeType.Registration register(
      Telemetry telemetry, String name, TlsIdentity identity) {
    return register(telemetry, name, identity, InstantSource.system());
  }

  static GaugeType.Registration register(
      Telemetry telemetry, String name, TlsIdentity identity, InstantSource clock) {
    requireNonNull(identity, "identity");
    GaugeType.Registration remaining =
        telemetry.gauge(REMAINING).register(() -> remaining(identity, clock), name);
    GaugeType.Registration expiry =
        telemetry.gauge(EXPIRY).register(() -> left(identity, clock).toMillis() / 1e3, name);
    return () -> {
      remaining.close();
      expiry.close();
    };
  }

  /**
   * Down once it has expired: nobody will talk to this process then.
   *
   * @param identity holds it
   * @return a check that waits for nothing
   */
  public static HealthCheck check(TlsIdentity identity) {
    return check(identity, InstantSource.system());
  }

  static HealthCheck check(TlsIdentity identity, InstantSource clock) {
    requireNonNull(identity, "identity");
    return () -> {
      Duration left = left(identity, clock);
      return left.isNegative()
          ? Health.down("certificate has expired")
          : Health.up().with("expires", identity.snapshot().expiresAt().toString());
    };
  }

  private static double remaining(TlsIdentity identity, InstantSource clock) {
    X509Certificate certificate = identity.snapshot().chain().get(0);
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    return (double) Duration.between(clock.instant(), end).toMillis()
        / Duration.between(begin, end).toMillis();
  }

  private static Duration left(TlsIdentity identity, InstantSource clock) {
    return Duration.between(clock.instant(), identity.snapshot().expiresAt());
  }
}
