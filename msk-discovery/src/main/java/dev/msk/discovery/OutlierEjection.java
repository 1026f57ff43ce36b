package dev.msk.discovery;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.Faults;
import java.time.Duration;

/**
 * Which instances a {@link LoadBalancer} takes out because their calls fail. Immutable.
 *
 * <p>An instance is ejected when five calls in a row failed there, or when its success rate is far below that of the others: after
 * each window of 10 s in which at least five instances had 100 calls each, those whose rate is more than 1.9 standard
 * deviations, and more than five hundredths, below the mean. It is out for 30 s, the next time for 60 s, up to 300 s; each 10 s in good standing forgive one
 * time. Then it returns through slow start.
 *
 * <p>No more than a tenth of the instances that are in use is out at a time; but one of them may always be, if there are two or more
 * (as gRPC has it, and Envoy with {@code always_eject_one_host}). A service's only instance is never ejected.
 *
 * @param consecutiveFailures after how many failures in a row; 0 for never
 * @param deviations how many standard deviations below the mean
 * @param minInstances how many instances must have enough calls in a window
 * @param minCalls how many calls are enough
 * @param interval how long a window is
 * @param baseTime how long the first ejection takes
 * @param maxTime the longest ejection
 * @param maxEjected the share that may be out; 0 for nobody
 * @see <a href="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier">Envoy, Outlier detection</a>
 * @see <a href="https://github.com/grpc/proposal/blob/master/A50-xds-outlier-detection.md">gRFC A50, Outlier Detection</a>
 */
public record OutlierEjection(
    int consecutiveFailures,
    double deviations,
    int minInstances,
    int minCalls,
    Duration interval,
    Duration baseTime,
    Duration maxTime,
    double maxEjected) {

  /**
   * Checks.
   *
   * @param consecutiveFailures 0 or more
   * @param deviations 0 or more
   * @param minInstances 2 or more
   * @param minCalls 1 or more
   * @param interval more than zero
   * @param baseTime more than zero
   * @param maxTime at least {@code baseTime}
   * @param maxEjected 0 to 1
   * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
   */
  public OutlierEjection {
    new Faults()
        .check(consecutiveFailures >= 0, "consecutiveFailures", consecutiveFailures, "0 or more")
        .check(deviations >= 0, "deviations", deviations, "0 or more")
        .check(minInstances >= 2, "minInstances", minInstances, "2 or more")
        .check(minCalls >= 1, "minCalls", minCalls, "1 or more")
        .positive("interval", interval)
        .positive("baseTime", baseTime)
        .check(maxTime.compareTo(baseTime) >= 0, "maxTime", maxTime, "baseTime or more")
        .check(maxEjected >= 0 && maxEjected <= 1, "maxEjected", maxEjected, "0 to 1")
        .report();
  }

  /**
   * Nobody is taken out.
   *
   * @return the settings
   */
  public static OutlierEjection none() {
    return builder().maxEjected(0).build();
  }

  /**
   * Five failures in a row, or 1.9 standard deviations below the mean of at least five instances with 100 calls in 10 s; out for
   * 30 s to 300 s; a tenth at most.
   *
   * @return a builder with these defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds an {@link OutlierEjection}. Confined to one thread. */
  public static final class Builder {

    private int consecutiveFailures = 5;
    private double deviations = 1.9;
    private int minInstances = 5;
    private int minCalls = 100;
    private Duration interval = Duration.ofSeconds(10);
    private Duration baseTime = Duration.ofSeconds(30);
    private Duration maxTime = Duration.ofMinutes(5);
    private double maxEjected = 0.1;

    private Builder() {}

    /**
     * Sets after how many failures in a row.
     *
     * @param value 0 (never) or more; default 5
     * @return this
     */
    public Builder consecutiveFailures(int value) {
      this.consecutiveFailures = value;
      return this;
    }

    /**
     * Sets how far below the mean a success rate may be.
     *
     * @param value in standard deviations, 0 or more; default 1.9
     * @return this
     */
    public Builder deviations(double value) {
      this.deviations = value;
      return this;
    }

    /**
     * Sets how many instances must have enough calls in a window for their success rates to be compared.
     *
     * @param value 2 or more; default 5
     * @return this
     */
    public Builder minInstances(int value) {
      this.minInstances = value;
      return this;
    }

    /**
     * Sets how many calls an instance must have in a window for its success rate to count.
     *
     * @param value 1 or more; default 100
     * @return this
     */
    public Builder minCalls(int value) {
      this.minCalls = value;
      return this;
    }

    /**
     * Sets how long a window is. It ends with the first failure after that time; one that is then twice as old is not judged.
     *
     * @param value more than zero; default 10 s
     * @return this
     */
    public Builder interval(Duration value) {
      this.interval = requireNonNull(value, "interval");
      return this;
    }

    /**
     * Sets how long the first ejection takes; the second takes twice as long, and so on.
     *
     * @param value more than zero; default 30 s
     * @return this
     */
    public Builder baseTime(Duration value) {
      this.baseTime = requireNonNull(value, "baseTime");
      return this;
    }

    /**
     * Sets the longest ejection.
     *
     * @param value at least {@link #baseTime}; default 300 s
     * @return this
     */
    public Builder maxTime(Duration value) {
      this.maxTime = requireNonNull(value, "maxTime");
      return this;
    }

    /**
     * Sets which share of the instances in use may be out at a time.
     *
     * @param share 0 (nobody) to 1; default 0.1
     * @return this
     */
    public Builder maxEjected(double share) {
      this.maxEjected = share;
      return this;
    }

    /**
     * Builds it.
     *
     * @return the settings
     * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
     */
    public OutlierEjection build() {
      return new OutlierEjection(
          consecutiveFailures,
          deviations,
          minInstances,
          minCalls,
          interval,
          baseTime,
          maxTime,
          maxEjected);
    }
  }
}
