package dev.msk.discovery.internal.health;

import dev.msk.core.Scheduler;
import dev.msk.discovery.spi.Probe;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * How health is checked.
 *
 * @param probe asks an instance
 * @param scheduler times the probes
 * @param executor begins them
 * @param interval from one to the next
 * @param timeout of one
 * @param unhealthyAfter failures in a row
 * @param healthyAfter answers in a row
 * @param maxProbes under way at once
 * @param random chance
 */
public record HealthSettings(
    Probe probe,
    Scheduler scheduler,
    Executor executor,
    Duration interval,
    Duration timeout,
    int unhealthyAfter,
    int healthyAfter,
    int maxProbes,
    RandomGenerator random) {

  /** When an instance is asked for the first time. */
  Duration first() {
    return times(random.nextDouble());
  }

  /** When it is asked again. */
  Duration next() {
    return times(0.9 + 0.2 * random.nextDouble());
  }

  private Duration times(double factor) {
    return Duration.ofNanos((long) (interval.toNanos() * factor));
  }
}
