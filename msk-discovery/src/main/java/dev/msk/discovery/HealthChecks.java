package dev.msk.discovery;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.spi.Faults;
import dev.msk.discovery.internal.health.CheckedDiscovery;
import dev.msk.discovery.internal.health.HealthSettings;
import dev.msk.discovery.spi.Probe;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Asks the instances themselves how they are, since a registry learns it late: makes a {@link ServiceDiscovery} whose snapshots show
 * as {@link Instance.State#DOWN} who does not answer.
 *
 * <p>An instance is believed to be what the registry says until three probes in a row have failed, and down until two in a row have
 * been answered. Probes only ever take away: who says itself that it is down, starting or draining is not asked and stays so. When
 * fewer than half are left, the balancer believes neither (panic).
 *
 * <p>Each instance of each service that somebody asked for is probed by each client: that is one probe each 10 s, at a time that
 * differs by up to a tenth, for each pair of them. For hundreds of clients and instances, leave health to the registry and to {@link
 * OutlierEjection}.
 */
public final class HealthChecks {

  private HealthChecks() {}

  /**
   * Probes each instance each 10 s, 16 at a time at most, with a timeout of 1 s; three failures in a row take it down, two answers
   * bring it back.
   *
   * @param discovery knows the instances; it stays the caller's to close, after what is built
   * @param probe asks one of them
   * @param scheduler times the probes
   * @param executor begins them
   * @return a builder with these defaults
   */
  public static Builder builder(
      ServiceDiscovery discovery, Probe probe, Scheduler scheduler, Executor executor) {
    return new Builder(discovery, probe, scheduler, executor);
  }

  /** Builds a {@link ServiceDiscovery}. Confined to one thread. */
  public static final class Builder {

    private final ServiceDiscovery discovery;
    private final Probe probe;
    private final Scheduler scheduler;
    private final Executor executor;
    private Duration interval = Duration.ofSeconds(10);
    private Duration timeout = Duration.ofSeconds(1);
    private int unhealthyAfter = 3;
    private int healthyAfter = 2;
    private int maxProbes = 16;
    private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

    private Builder(
        ServiceDiscovery discovery, Probe probe, Scheduler scheduler, Executor executor) {
      this.discovery = requireNonNull(discovery, "discovery");
      this.probe = requireNonNull(probe, "probe");
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Sets the time from an answer to the next probe of the same instance. It differs by up to a tenth, and the first probe comes at
     * any time within it, so that probes do not come in waves.
     *
     * @param value more than zero; default 10 s
     * @return this
     */
    public Builder interval(Duration value) {
      this.interval = requireNonNull(value, "interval");
      return this;
    }

    /**
     * Sets how long an answer may take.
     *
     * @param value more than zero; default 1 s
     * @return this
     */
    public Builder timeout(Duration value) {
      this.timeout = requireNonNull(value, "timeout");
      return this;
    }

    /**
     * Sets how many probes in a row must fail before an instance is down.
     *
     * @param value 1 or more; default 3
     * @return this
     */
    public Builder unhealthyAfter(int value) {
      this.unhealthyAfter = value;
      return this;
    }

    /**
     * Sets how many probes in a row must be answered before it is up again.
     *
     * @param value 1 or more; default 2
     * @return this
     */
    public Builder healthyAfter(int value) {
      this.healthyAfter = value;
      return this;
    }

    /**
     * Sets how many probes are under way at once, over all services. Others wait.
     *
     * @param value 1 or more; default 16
     * @return this
     */
    public Builder maxProbes(int value) {
      this.maxProbes = value;
      return this;
    }

    /**
     * Sets where chance comes from.
     *
     * @param value must be thread-safe; default the thread's own
     * @return this
     */
    public Builder random(RandomGenerator value) {
      this.random = requireNonNull(value, "random");
      return this;
    }

    /**
     * Builds it.
     *
     * @return a discovery that probes nobody yet; closing it ends the probes
     * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
     */
    public ServiceDiscovery build() {
      new Faults()
          .positive("interval", interval)
          .positive("timeout", timeout)
          .check(unhealthyAfter >= 1, "unhealthyAfter", unhealthyAfter, "1 or more")
          .check(healthyAfter >= 1, "healthyAfter", healthyAfter, "1 or more")
          .check(maxProbes >= 1, "maxProbes", maxProbes, "1 or more")
          .report();
      return new CheckedDiscovery(
          discovery,
          new HealthSettings(
              probe,
              scheduler,
              executor,
              interval,
              timeout,
              unhealthyAfter,
              healthyAfter,
              maxProbes,
              random));
    }
  }
}
