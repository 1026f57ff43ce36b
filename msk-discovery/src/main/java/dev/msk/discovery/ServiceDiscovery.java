package dev.msk.discovery;

import static java.util.Objects.requireNonNull;

import dev.msk.core.release.LiveVersions;
import dev.msk.core.spi.Faults;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.internal.GuardedDiscovery;
import dev.msk.discovery.internal.disk.LastGoodLists;
import dev.msk.discovery.spi.DiscoverySource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the instances of services, and goes on knowing them while the registry is away.
 *
 * <p><b>Guarantee.</b> A list that was good once is kept for as long as the registry cannot be asked, and its age can be seen.
 * An answer is believed at once unless it would lose more than half of the instances that were up; then they are kept beside
 * what is new, until the registry has said the same for a minute. An empty answer in place of instances that were up is never
 * believed. When the registry was away, or knew nobody, it may have been restarted and have forgotten those who have yet to
 * register again: for the minute after that, no instance is missed at once, each is kept until it has been missing for a minute.
 * Instances that drained or went down before they left are let go without question.
 *
 * <p>Thread-safe. It has no threads: reports come on the source's. It holds at most {@value #MAX_SERVICES} services.
 */
public interface ServiceDiscovery extends AutoCloseable {

  /** The most services that one discovery follows. */
  int MAX_SERVICES = 1000;

  /**
   * A discovery that holds an answer back when it loses more than half of the instances, until it has been repeated for a
   * minute.
   *
   * @param source where instances come from; it stays the caller's to close
   * @return a builder with these defaults
   */
  static Builder builder(DiscoverySource source) {
    return new Builder(source);
  }

  /**
   * What is known now. The first call for a service begins to follow it.
   *
   * @param service name of the service; upper case counts as lower case
   * @return the latest snapshot, {@link Freshness#PENDING} until there is one; does not wait
   * @throws IllegalArgumentException if it is no name
   * @throws IllegalStateException if it would be one service too many, or this was closed before the service was followed
   */
  Snapshot current(String service);

  /**
   * Follows a service. The listener gets the present snapshot before this returns, then each later one; of several that come
   * while it is busy, the last.
   *
   * @param service name of the service; upper case counts as lower case
   * @param listener called by one thread at a time, on the source's thread; must be quick. What it throws is logged
   * @return closing it ends the calls
   * @throws IllegalArgumentException if it is no name
   * @throws IllegalStateException if it would be one service too many, or this was closed
   */
  Subscription watch(String service, Consumer<Snapshot> listener);

  /**
   * The versions of the instances that are known, for roll-outs and schema changes; certain while the snapshot is {@link
   * Freshness#LIVE}.
   *
   * @return a view of this discovery
   */
  LiveVersions liveVersions();

  /** Stops following; what is known stays readable. Idempotent, waits for nothing. */
  @Override
  void close();

  /** Builds a {@link ServiceDiscovery}. Confined to one thread. */
  final class Builder {

    private final DiscoverySource source;
    private double maxLoss = 0.5;
    private Duration confirmLossAfter = Duration.ofMinutes(1);
    private InstantSource clock = InstantSource.system();
    private @Nullable Path lastGood;
    private @Nullable Executor writer;
    private Telemetry telemetry = Telemetry.noop();

    private Builder(DiscoverySource source) {
      this.source = requireNonNull(source, "source");
    }

    /**
     * Sets which part of the instances may vanish in one answer that is believed at once.
     *
     * @param share 0 to 1; default 0.5
     * @return this
     */
    public Builder maxLoss(double share) {
      this.maxLoss = share;
      return this;
    }

    /**
     * Sets how long a larger loss must be reported before it is believed, and any loss after the registry was away. It should be
     * at least the longest time between two heartbeats of an instance, so that by then whoever lives has registered again.
     *
     * @param time zero or more; default one minute
     * @return this
     */
    public Builder confirmLossAfter(Duration time) {
      this.confirmLossAfter = requireNonNull(time, "time");
      return this;
    }

    /**
     * Sets what tells the time.
     *
     * @param value default the system's clock
     * @return this
     */
    public Builder clock(InstantSource value) {
      this.clock = requireNonNull(value, "clock");
      return this;
    }

    /**
     * Keeps the last list of each service that the registry confirmed, so that a process that starts while the registry is away
     * knows where to call: the snapshot is then {@link Freshness#DISK}, and the registry's first answer that is not empty replaces
     * it. A list is written when it changes, and each ten minutes for the sake of its age; the first call for a service reads it.
     *
     * @param directory made if it is missing; of this process alone, since whoever can write there decides where calls go
     * @param executor runs the writing, which forces the disk
     * @return this
     */
    public Builder lastGoodIn(Path directory, Executor executor) {
      this.lastGood = requireNonNull(directory, "directory");
      this.writer = requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Reports gauges {@code discovery.snapshot.age} (seconds since the registry confirmed the list) and
     * {@code discovery.instances}, by service.
     *
     * @param value default none
     * @return this
     */
    public Builder telemetry(Telemetry value) {
      this.telemetry = requireNonNull(value, "telemetry");
      return this;
    }

    /**
     * Builds it.
     *
     * @return a discovery that follows nothing yet
     * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are. Or if the directory of the
     *     last good lists cannot be written to
     */
    public ServiceDiscovery build() {
      new Faults()
          .check(maxLoss >= 0 && maxLoss <= 1, "maxLoss", maxLoss, "0 to 1")
          .check(
              !confirmLossAfter.isNegative(), "confirmLossAfter", confirmLossAfter, "zero or more")
          .report();
      LastGoodLists lists =
          lastGood == null || writer == null ? null : new LastGoodLists(lastGood, writer);
      return new GuardedDiscovery(source, maxLoss, confirmLossAfter, clock, lists, telemetry);
    }
  }
}
