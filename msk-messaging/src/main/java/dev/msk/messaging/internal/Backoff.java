package dev.msk.messaging.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential waits with full jitter. Confined to one thread.
 *
 * @see <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential
 *     backoff and jitter</a>
 */
public final class Backoff {

  private static final int MAX_DOUBLINGS = 20;

  private final long firstNanos;
  private final long maxNanos;
  private final RandomGenerator random;
  private int failures;

  public Backoff(Duration first, Duration max, RandomGenerator random) {
    this.firstNanos = first.toNanos();
    this.maxNanos = max.toNanos();
    this.random = random;
  }

  /** The wait after one more failure: between zero and the doubled bound, at least a millisecond. */
  public Duration next() {
    long bound = Math.min(maxNanos, firstNanos << Math.min(failures, MAX_DOUBLINGS));
    failures++;
    return Duration.ofNanos(Math.max(1_000_000, random.nextLong(bound + 1)));
  }

  public void reset() {
    failures = 0;
  }
}
