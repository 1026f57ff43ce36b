package dev.msk.core.resilience;

import java.util.concurrent.TimeUnit;

/**
 * The time that the fastest answer of late took: of the last 10 to 20 s. Without an answer for as long nothing is known, so that somebody
 * may find out anew. Thread-safe.
 */
final class LeastTime {

  private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);

  private final Object lock = new Object();
  private volatile long beganAt;
  private volatile long least = Long.MAX_VALUE;
  private volatile long leastBefore = Long.MAX_VALUE;

  LeastTime(long now) {
    this.beganAt = now;
  }

  void answered(long now, long nanos) {
    if (nanos < least || now - beganAt >= WINDOW) {
      synchronized (lock) {
        long age = now - beganAt;
        if (age >= WINDOW) {
          leastBefore = age < 2 * WINDOW ? least : Long.MAX_VALUE;
          least = nanos;
          beganAt = now;
        } else {
          least = Math.min(least, nanos);
        }
      }
    }
  }

  /** Zero if nothing is known. */
  long nanos(long now) {
    long age = now - beganAt;
    if (age >= 2 * WINDOW) {
      return 0;
    }
    long known = age < WINDOW ? Math.min(least, leastBefore) : least;
    return known == Long.MAX_VALUE ? 0 : known;
  }
}
