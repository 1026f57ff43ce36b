package dev.msk.core.resilience;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The attempt failed and another one may be made, after a while; its retry was taken from the budget. Wait, on a timer of your own, then
 * {@link #acquire()} the next attempt, or {@link #cancel()}. Used once; thread-safe.
 */
public final class RetryAfter extends CallStep implements Verdict {

  private final Attempt failed;
  private final long delayNanos;

  RetryAfter(Attempt failed, long delayNanos) {
    super(CallPhase.BACKING_OFF);
    this.failed = failed;
    this.delayNanos = delayNanos;
  }

  /**
   * How long to wait.
   *
   * @return zero or more; the call's deadline is later
   */
  public Duration delay() {
    return Duration.ofNanos(delayNanos);
  }

  /**
   * Asks for the next attempt, once the delay has passed.
   *
   * @return the attempt, or that it is refused: the call has ended then, with the outcome of the attempt before
   * @throws IllegalStateException if it was acquired or cancelled before
   */
  public Permit acquire() {
    Permit permit = tryAcquire();
    if (permit == null) {
      throw new IllegalStateException(this + ": acquired or cancelled before (expected: neither)");
    }
    return permit;
  }

  /**
   * Ends the call: nobody wants the answer any more. Does nothing if it was acquired or cancelled before.
   *
   * @return true if it ended because of this
   */
  public boolean cancel() {
    return failed.policy().abandon(this);
  }

  /** The same; null if it was acquired or cancelled before. */
  @Nullable
  Permit tryAcquire() {
    return failed.policy().acquireAgain(this, failed);
  }

  long delayNanos() {
    return delayNanos;
  }

  @Override
  public String toString() {
    return "RetryAfter[" + delay() + ", attempt " + failed.number() + " failed]";
  }
}
