package dev.msk.core;

/**
 * A monotonic clock in nanoseconds, for measuring how long something took or may still take.
 *
 * <p>Its origin is arbitrary: only differences between two readings of the same ticker mean anything, and they are compared
 * by subtraction because a reading may overflow. Wall time is {@link java.time.InstantSource}. Implementations are
 * thread-safe.
 */
@FunctionalInterface
public interface Ticker {

  /**
   * The ticker of this JVM, {@link System#nanoTime()}.
   *
   * @return the system's ticker
   */
  static Ticker system() {
    return System::nanoTime;
  }

  /**
   * Reads the clock.
   *
   * @return nanoseconds since an arbitrary origin; never goes back
   */
  long nanoTime();
}
