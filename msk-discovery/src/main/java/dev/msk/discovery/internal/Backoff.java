package dev.msk.discovery.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to pause after failures: {@code first}, twice that after the second, and so on up to {@code longest}; of that at random a half
 * to the whole. Confined to one thread.
 */
public final class Backoff {

  private static final int MOST_DOUBLINGS = 16;

  private final Duration first;
  private final Duration longest;
  private final RandomGenerator random;
  private int failures;

  /**
   * Creates it without a failure.
   *
   * @param first pause after the first failure
   * @param longest pause after many
   * @param random jitters
   */
  public Backoff(Duration first, Duration longest, RandomGenerator random) {
    this.first = first;
    this.longest = longest;
    this.random = random;
  }

  /**
   * Counts a failure.
   *
   * @return how many there were in a row
   */
  public int failed() {
    failures = Math.min(failures + 1, Integer.MAX_VALUE - 1);
    return failures;
  }

  /** Forgets the failures. */
  public void succeeded() {
    failures = 0;
  }

  /**
   * Whether the last attempt failed.
   *
   * @return true after {@link #failed()}
   */
  public boolean isFailing() {
    return failures > 0;
  }

  /**
   * The pause before the next attempt.
   *
   * @return zero without a failure
   */
  public Duration pause() {
    if (failures == 0) {
      return Duration.ZERO;
    }
    Duration grown = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
    return jittered(grown.compareTo(longest) < 0 ? grown : longest, 0.5, 1);
  }

  /**
   * A part of a duration, at random.
   *
   * @param duration the whole
   * @param from the least share
   * @param to the greatest share, more than {@code from}
   * @return something in between
   */
  public Duration jittered(Duration duration, double from, double to) {
    return Duration.ofNanos((long) (duration.toNanos() * random.nextDouble(from, to)));
  }
}
