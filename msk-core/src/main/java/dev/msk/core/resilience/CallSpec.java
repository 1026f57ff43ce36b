package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a kind of call is like: whether it may be repeated, how much it is missed, how long it may take. One for each kind of call, made
 * ahead. Immutable.
 */
public final class CallSpec {

  private static final long UNBOUNDED = Long.MAX_VALUE / 4;
  private static final CallSpec REPEATABLE = new CallSpec(true, Priority.DEFAULT, UNBOUNDED, 0);
  private static final CallSpec ONCE = new CallSpec(false, Priority.DEFAULT, UNBOUNDED, 0);

  private final boolean repeatable;
  private final Priority priority;
  private final long timeoutNanos;
  private final long leastNanos;

  private CallSpec(boolean repeatable, Priority priority, long timeoutNanos, long leastNanos) {
    this.repeatable = repeatable;
    this.priority = priority;
    this.timeoutNanos = timeoutNanos;
    this.leastNanos = leastNanos;
  }

  /**
   * A call that does no harm when the server gets it twice: it reads, or it carries an idempotency key. Priority
   * {@link Priority#DEFAULT}, no timeout but the policy's.
   *
   * @return a spec
   */
  public static CallSpec repeatable() {
    return REPEATABLE;
  }

  /**
   * A call that the server must not get twice; it is repeated only after {@link Outcome.Kind#NOT_SENT}. Priority
   * {@link Priority#DEFAULT}, no timeout but the policy's.
   *
   * @return a spec
   */
  public static CallSpec once() {
    return ONCE;
  }

  /**
   * The same with a priority.
   *
   * @param value how much it is missed if it is refused
   * @return a spec
   */
  public CallSpec priority(Priority value) {
    return new CallSpec(repeatable, requireNonNull(value, "priority"), timeoutNanos, leastNanos);
  }

  /**
   * The same with a timeout for the whole call, all attempts and waits. The policy's timeout and the context's deadline hold as well: the
   * earliest counts.
   *
   * @param value above zero
   * @return a spec
   * @throws IllegalArgumentException if it is not
   */
  public CallSpec timeout(Duration value) {
    return new CallSpec(repeatable, priority, positive("timeout", value), leastNanos);
  }

  /**
   * The same with the least time in which an attempt can be answered: with less left it is not made. What policies see for
   * themselves, the fastest answer of late, holds as well.
   *
   * @param value above zero
   * @return a spec
   * @throws IllegalArgumentException if it is not
   */
  public CallSpec leastTime(Duration value) {
    return new CallSpec(repeatable, priority, timeoutNanos, positive("leastTime", value));
  }

  /**
   * Whether the server may get it twice.
   *
   * @return true if so
   */
  public boolean isRepeatable() {
    return repeatable;
  }

  /**
   * How much it is missed if it is refused.
   *
   * @return the priority
   */
  public Priority priority() {
    return priority;
  }

  long timeoutNanos() {
    return timeoutNanos;
  }

  long leastNanos() {
    return leastNanos;
  }

  private static long positive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: more than zero)");
    }
    return value.compareTo(Duration.ofNanos(UNBOUNDED)) > 0 ? UNBOUNDED : value.toNanos();
  }

  @Override
  public String toString() {
    return "CallSpec[" + (repeatable ? "repeatable" : "once") + ", " + priority
        + (timeoutNanos < UNBOUNDED ? ", timeout " + Duration.ofNanos(timeoutNanos) : "")
        + (leastNanos > 0 ? ", least time " + Duration.ofNanos(leastNanos) : "") + "]";
  }
}
