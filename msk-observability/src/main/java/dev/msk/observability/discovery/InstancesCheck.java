package dev.msk.observability.discovery;

import static java.util.Objects.requireNonNull;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthCheck;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether a service that this process calls can be found. Two services that are not ready because each waits for the other never
 * start: give it to {@code HealthChecks.Builder.optional}, unless nothing can be served without the other service.
 */
public final class InstancesCheck {

  private InstancesCheck() {}

  /**
   * Up when an instance is, by a list that the registry has confirmed within a time; unknown before its first answer. Shown are how many are
   * up, how fresh the list is and its age; no addresses. The first check begins to follow the service.
   *
   * @param discovery knows the instances
   * @param service name of the service
   * @param maxAge of a list that is worth something: discovery itself keeps a good one for as long as the registry is away
   * @return a check that waits for nothing
   * @throws IllegalArgumentException if the age is not above zero
   */
  public static HealthCheck of(ServiceDiscovery discovery, String service, Duration maxAge) {
    return of(discovery, service, maxAge, InstantSource.system());
  }

  static HealthCheck of(
      ServiceDiscovery discovery, String service, Duration maxAge, InstantSource clock) {
    requireNonNull(discovery, "discovery");
    requireNonNull(service, "service");
    if (maxAge.isNegative() || maxAge.isZero()) {
      throw new IllegalArgumentException("maxAge: " + maxAge + " (expected: > 0)");
    }
    return () -> health(discovery.current(service), maxAge, clock);
  }

  private static Health health(Snapshot snapshot, Duration maxAge, InstantSource clock) {
    if (snapshot.freshness() == Freshness.PENDING) {
      return Health.unknown("registry has not answered yet");
    }
    long up = snapshot.instances().stream()
        .filter(instance -> instance.state() == Instance.State.UP)
        .count();
    Duration age = snapshot.age(clock).orElse(null);
    Health health = health(up, age, maxAge)
        .with("instances", String.valueOf(up))
        .with("list", snapshot.freshness().name().toLowerCase(Locale.ROOT));
    return age == null ? health : health.with("age", age.toSeconds() + " s");
  }

  private static Health health(long up, @Nullable Duration age, Duration maxAge) {
    if (up == 0) {
      return Health.down("no instance is up");
    }
    return age != null && age.compareTo(maxAge) > 0 ? Health.down("list is too old") : Health.up();
  }
}
