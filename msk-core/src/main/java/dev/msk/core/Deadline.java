package dev.msk.core;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * A point in monotonic time by which something must be done. Immutable; it means nothing outside this process, so send
 * {@link #remaining()} over the wire.
 */
public final class Deadline {

  private static final long MAX_NANOS = Long.MAX_VALUE / 4;

  private final Ticker ticker;
  private final long at;

  private Deadline(Ticker ticker, long at) {
    this.ticker = ticker;
    this.at = at;
  }

  /**
   * A deadline on the system's ticker.
   *
   * @param timeout from now; zero or negative is a deadline that has passed; cut to 73 years
   * @return the deadline
   */
  public static Deadline after(Duration timeout) {
    return after(timeout, Ticker.system());
  }

  /**
   * A deadline on a ticker.
   *
   * @param timeout from now; zero or negative is a deadline that has passed; cut to 73 years
   * @param ticker measures it
   * @return the deadline
   */
  public static Deadline after(Duration timeout, Ticker ticker) {
    requireNonNull(ticker, "ticker");
    Duration max = Duration.ofNanos(MAX_NANOS);
    long nanos = timeout.compareTo(max) > 0 ? MAX_NANOS : Math.max(0, saturatedNanos(timeout));
    return new Deadline(ticker, ticker.nanoTime() + nanos);
  }

  /**
   * A deadline at a reading of a ticker, for those who have read it already.
   *
   * @param nanoTime the reading at which it passes
   * @param ticker measures it
   * @return the deadline
   */
  public static Deadline at(long nanoTime, Ticker ticker) {
    return new Deadline(requireNonNull(ticker, "ticker"), nanoTime);
  }

  /**
   * What is left.
   *
   * @return time until the deadline, zero once it has passed
   */
  public Duration remaining() {
    return Duration.ofNanos(remainingNanos());
  }

  /**
   * What is left, for those who ask with each call.
   *
   * @return nanoseconds until the deadline, zero once it has passed
   */
  public long remainingNanos() {
    return Math.max(0, at - ticker.nanoTime());
  }

  /**
   * Whether nothing is left.
   *
   * @return true once the deadline has passed
   */
  public boolean isExpired() {
    return at - ticker.nanoTime() <= 0;
  }

  private static long saturatedNanos(Duration timeout) {
    return timeout.isNegative() ? 0 : timeout.toNanos();
  }

  @Override
  public String toString() {
    return "Deadline[remaining=" + remaining() + "]";
  }
}
