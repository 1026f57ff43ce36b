package dev.msk.core.resilience;

import dev.msk.core.spi.Faults;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential back-off with full jitter: before the n-th retry a random time between zero and the lesser of {@code cap} and
 * {@code base} · 2<sup>n-1</sup>.
 *
 * <p>"Full jitter" of Marc Brooker's <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential
 * Backoff And Jitter</a>: of the variants compared there it makes the fewest calls, since the retries of many clients that failed at one
 * moment spread evenly. Immutable.
 *
 * @param base the longest wait before the first retry
 * @param cap the longest wait before any retry
 */
public record Backoff(Duration base, Duration cap) {

  private static final Backoff DEFAULTS = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));
  private static final Backoff NONE = new Backoff(Duration.ZERO, Duration.ZERO);

  /**
   * Checks both.
   *
   * @param base zero or more
   * @param cap at least the base, at most an hour
   * @throws IllegalArgumentException that names every fault
   */
  public Backoff {
    new Faults()
        .check(!base.isNegative(), "base", base, "zero or more")
        .check(cap.compareTo(base) >= 0, "cap", cap, "at least " + base + ", the base")
        .check(cap.compareTo(Duration.ofHours(1)) <= 0, "cap", cap, "at most an hour")
        .report();
  }

  /**
   * At most 50 ms before the first retry, 25 ms on average, at most 1 s before any.
   *
   * @return a back-off
   */
  public static Backoff defaults() {
    return DEFAULTS;
  }

  /**
   * No wait at all: for retries that go to another instance than the one that failed, as Finagle requeues them.
   *
   * @return a back-off
   */
  public static Backoff none() {
    return NONE;
  }

  /** Nanoseconds to wait before a retry, the first of which is 0. */
  long nanos(int retry, RandomGenerator random) {
    long first = base.toNanos();
    long most = cap.toNanos();
    long bound =
        retry >= Long.numberOfLeadingZeros(first) - 1 ? most : Math.min(most, first << retry);
    return random.nextLong(bound + 1);
  }
}
