package dev.msk.security.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait between attempts: anything from nothing to a bound that doubles with each failure, so that those who
 * failed together do not try again together.
 *
 * @param first bound
 * @param longest that the bound grows to
 * @param random draws
 * @see <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Full jitter</a>
 */
public record FullJitter(Duration first, Duration longest, RandomGenerator random) {

  private static final int MAX_DOUBLINGS = 20;

  /**
   * The wait before the next attempt.
   *
   * @param failures in a row, at least one
   * @return from zero to the bound
   */
  public Duration after(int failures) {
    long bound = first.toNanos() << Math.min(failures - 1, MAX_DOUBLINGS);
    return Duration.ofNanos(random.nextLong(Math.min(bound, longest.toNanos()) + 1));
  }
}
