package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.Faults;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a circuit breaker opens and when it closes again. By default it opens when half of at least 10 attempts of the last 20 s failed, stays
 * open for 10 s, lets 3 attempts through to try, and closes if less than half of them fail.
 *
 * <p>What counts as a failure is every {@link Outcome} but {@link Outcome.Kind#OK} and {@link Outcome.Kind#CANCELLED}, of which the latter counts for
 * nothing; with {@link Builder#slowCalls} answers that took too long count as well. The breaker itself is Resilience4j's,
 * {@code io.github.resilience4j:resilience4j-circuitbreaker}. It uses the policy's ticker and no thread. Immutable.
 */
public final class CircuitBreakerSpec {

  private final double failureRate;
  private final Duration window;
  private final int minimumCalls;
  private final Duration openFor;
  private final int probes;
  private final @Nullable Duration slowAfter;
  private final double slowRate;

  private CircuitBreakerSpec(Builder builder) {
    this.failureRate = builder.failureRate;
    this.window = builder.window;
    this.minimumCalls = builder.minimumCalls;
    this.openFor = builder.openFor;
    this.probes = builder.probes;
    this.slowAfter = builder.slowAfter;
    this.slowRate = builder.slowRate;
  }

  /**
   * Opens at 50 % failures of at least 10 attempts in 20 s, for 10 s; 3 attempts to try; slow answers are no failures.
   *
   * @return a spec
   */
  public static CircuitBreakerSpec defaults() {
    return builder().build();
  }

  /**
   * Starts with the defaults: 50 % of at least 10 attempts in 20 s, 10 s open, 3 attempts to try.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  double failureRate() {
    return failureRate;
  }

  Duration window() {
    return window;
  }

  int minimumCalls() {
    return minimumCalls;
  }

  Duration openFor() {
    return openFor;
  }

  int probes() {
    return probes;
  }

  Optional<Duration> slowAfter() {
    return Optional.ofNullable(slowAfter);
  }

  double slowRate() {
    return slowRate;
  }

  /** Collects settings. Confined to one thread. */
  public static final class Builder {

    private double failureRate = 0.5;
    private Duration window = Duration.ofSeconds(20);
    private int minimumCalls = 10;
    private Duration openFor = Duration.ofSeconds(10);
    private int probes = 3;
    private @Nullable Duration slowAfter;
    private double slowRate = 1;

    private Builder() {}

    /**
     * Sets at which share of failures it opens; 0.5 by default.
     *
     * @param value above 0, at most 1
     * @return this
     */
    public Builder failureRate(double value) {
      this.failureRate = value;
      return this;
    }

    /**
     * Sets over which time attempts are counted; 20 s by default.
     *
     * @param value whole seconds, 1 to 3,600
     * @return this
     */
    public Builder window(Duration value) {
      this.window = requireNonNull(value, "window");
      return this;
    }

    /**
     * Sets how many attempts there must be in the window before it may open; 10 by default.
     *
     * @param value 1 or more
     * @return this
     */
    public Builder minimumCalls(int value) {
      this.minimumCalls = value;
      return this;
    }

    /**
     * Sets how long it refuses everything before it tries again; 10 s by default.
     *
     * @param value 1 ms to an hour
     * @return this
     */
    public Builder openFor(Duration value) {
      this.openFor = requireNonNull(value, "openFor");
      return this;
    }

    /**
     * Sets how many attempts are let through to try, after which it closes or opens again; 3 by default.
     *
     * @param value 1 or more
     * @return this
     */
    public Builder probes(int value) {
      this.probes = value;
      return this;
    }

    /**
     * Has answers that take long open it as failures do; by default they do not.
     *
     * @param after the time above which an attempt is slow
     * @param rate the share of slow attempts at which it opens, above 0, at most 1
     * @return this
     */
    public Builder slowCalls(Duration after, double rate) {
      this.slowAfter = requireNonNull(after, "slowCalls");
      this.slowRate = rate;
      return this;
    }

    /**
     * Builds the spec.
     *
     * @return a spec
     * @throws IllegalArgumentException that names every fault
     */
    public CircuitBreakerSpec build() {
      Faults faults = new Faults()
          .check(isShare(failureRate), "failureRate", failureRate, "above 0, at most 1")
          .check(
              window.getNano() == 0 && window.getSeconds() >= 1 && window.getSeconds() <= 3_600,
              "window",
              window,
              "whole seconds, 1 to 3,600")
          .check(minimumCalls >= 1, "minimumCalls", minimumCalls, "1 or more")
          .check(
              openFor.compareTo(Duration.ofMillis(1)) >= 0
                  && openFor.compareTo(Duration.ofHours(1)) <= 0,
              "openFor",
              openFor,
              "1 ms to an hour")
          .check(probes >= 1, "probes", probes, "1 or more")
          .check(isShare(slowRate), "slowCalls.rate", slowRate, "above 0, at most 1");
      if (slowAfter != null) {
        faults.positive("slowCalls.after", slowAfter);
      }
      faults.report();
      return new CircuitBreakerSpec(this);
    }

    private static boolean isShare(double value) {
      return value > 0 && value <= 1;
    }
  }
}
