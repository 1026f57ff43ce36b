package dev.msk.core.resilience;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Whether a failed attempt is repeated, and when. Thread-safe. */
final class RetryRule {

  private static final Duration A_DAY = Duration.ofDays(1);

  private final int retries;
  private final Backoff backoff;
  private final RetryBudget budget;
  private final RandomGenerator random;
  private final Object lock = new Object();

  RetryRule(int retries, Backoff backoff, RetryBudget budget, RandomGenerator random) {
    this.retries = retries;
    this.backoff = backoff;
    this.budget = budget;
    this.random = random;
  }

  /** Whether failures are repeated that may have reached the server. */
  boolean repeats(CallSpec spec) {
    return retries > 0 && spec.isRepeatable();
  }

  /**
   * Decides after a failure; a retry is taken from the budget.
   *
   * @param leastNanos the least time that the next attempt needs
   */
  Verdict judge(Attempt attempt, Outcome outcome, long now, long leastNanos) {
    if (outcome.forbidsRetry()) {
      return Final.PUSHED_BACK;
    }
    if (outcome.kind() != Outcome.Kind.NOT_SENT) {
      if (!attempt.spec().isRepeatable()) {
        return Final.NOT_REPEATABLE;
      }
      if (attempt.caller().retriedUpstream()) {
        return Final.RETRIED_UPSTREAM;
      }
    }
    if (attempt.number() > retries) {
      return Final.EXHAUSTED;
    }
    long left = attempt.endsAt() - now - leastNanos;
    long delay =
        outcome.retryAfter().map(RetryRule::nanos).orElseGet(() -> draw(attempt.number() - 1));
    if (delay >= left) {
      return Final.NO_TIME;
    }
    return budget.tryWithdraw() ? new RetryAfter(attempt, delay) : Final.NO_BUDGET;
  }

  /** Gives back what {@link #judge} took. */
  void undo(Verdict verdict) {
    if (verdict instanceof RetryAfter) {
      budget.refund();
    }
  }

  private static long nanos(Duration pushBack) {
    return pushBack.compareTo(A_DAY) > 0 ? A_DAY.toNanos() : pushBack.toNanos();
  }

  private long draw(int retry) {
    synchronized (lock) { // few generators are thread-safe
      return backoff.nanos(retry, random);
    }
  }
}
