package dev.msk.saga;

import java.time.Duration;

/**
 * How often a step is tried, and how long the waits between attempts may be: doubling bounds with full jitter, each wait random
 * between zero and its bound. Waits are kept in the database, by its clock; no thread waits.
 *
 * @param first bound of the first wait
 * @param max bound of any wait
 * @param maxAttempts all attempts together; {@link #UNLIMITED} for no end
 * @see <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential backoff and jitter</a>
 */
public record Retry(Duration first, Duration max, int maxAttempts) {

  /** As many attempts as it takes. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  private static final int MAX_DOUBLINGS = 30;

  /**
   * Checks the bounds.
   *
   * @param first at least 1 ms
   * @param max not below {@code first}, at most 1 day
   * @param maxAttempts at least 1
   * @throws IllegalArgumentException if one is out of bounds
   */
  public Retry {
    if (first.toMillis() < 1) {
      throw new IllegalArgumentException("first: " + first + " (expected: >= 1 ms)");
    }
    if (max.compareTo(first) < 0 || max.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("max: " + max + " (expected: " + first + " to PT24H)");
    }
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("maxAttempts: " + maxAttempts + " (expected: >= 1)");
    }
  }

  /**
   * A bounded number of attempts.
   *
   * @param first bound of the first wait
   * @param max bound of any wait
   * @param maxAttempts at least 1
   * @return the policy
   */
  public static Retry exponential(Duration first, Duration max, int maxAttempts) {
    return new Retry(first, max, maxAttempts);
  }

  /**
   * As many attempts as it takes.
   *
   * @param first bound of the first wait
   * @param max bound of any wait
   * @return the policy
   */
  public static Retry forever(Duration first, Duration max) {
    return new Retry(first, max, UNLIMITED);
  }

  /**
   * One attempt. A process that dies in it is not an attempt: the step is run again elsewhere.
   *
   * @return the policy
   */
  public static Retry none() {
    return new Retry(Duration.ofMillis(1), Duration.ofMillis(1), 1);
  }

  /**
   * The bound of the wait after an attempt.
   *
   * @param attempt which, from 1
   * @return {@code first} doubled for each attempt before, at most {@code max}
   */
  public Duration bound(int attempt) {
    long nanos = first.toNanos();
    int doublings = Math.min(Math.max(0, attempt - 1), MAX_DOUBLINGS);
    for (int i = 0; i < doublings && nanos < max.toNanos(); i++) {
      nanos *= 2;
    }
    return nanos < max.toNanos() ? Duration.ofNanos(nanos) : max;
  }
}
