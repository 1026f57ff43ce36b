package dev.msk.discovery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The instances of a service at a moment. Immutable: everybody who asks shares one list.
 *
 * @param service name of the service
 * @param instances all that are known, whatever their state
 * @param version grows by one with each change of the instances or the freshness
 * @param asOf when the registry last confirmed this list in whole, null if it never answered
 * @param freshness how sure the list is
 */
public record Snapshot(
    String service,
    List<Instance> instances,
    long version,
    @Nullable Instant asOf,
    Freshness freshness) {

  /**
   * Copies the list.
   *
   * @param service name of the service
   * @param instances all that are known
   * @param version grows with each change
   * @param asOf when the registry last confirmed the list
   * @param freshness how sure the list is
   */
  public Snapshot {
    instances = List.copyOf(instances);
  }

  /**
   * How old the list is.
   *
   * @param clock tells the time, the one that the discovery uses
   * @return time since the registry confirmed it, empty if it never answered
   */
  public Optional<Duration> age(InstantSource clock) {
    return asOf == null ? Optional.empty() : Optional.of(Duration.between(asOf, clock.instant()));
  }
}
