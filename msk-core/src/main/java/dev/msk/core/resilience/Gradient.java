package dev.msk.core.resilience;

import java.util.concurrent.TimeUnit;

/**
 * A concurrency limit after Netflix's Gradient2.
 *
 * <p>Calls are averaged over windows: at least 100 ms, two average calls, and at most 1 s, with 10 calls or more. The average of a window
 * is compared with a long one, an exponential average over {@value #LONG_WINDOWS} windows:
 *
 * <pre>
 *   gradient = long / short · 1.5                  within [0.5, 1]: calls may take half as long again before it counts
 *   limit    = 0.8 · limit + 0.2 · (limit · gradient + 4)
 * </pre>
 *
 * <p>So the limit grows by 0.8 a window while calls take what they took, and shrinks by up to a tenth when they take longer. It rests where
 * calls take between 1.5 times and twice as long as on the long average. It stays while less than half of it is used: nothing was learned
 * then. If calls have become much faster than the long average, that is brought down by a tenth a window.
 *
 * <p>Different from Netflix's: a window in which a twentieth of the calls was dropped (timed out, or refused as overload) takes a tenth
 * off the limit, however fast the others were. Nothing is allocated, and readings of the ticker are compared by subtraction.
 *
 * <p>What it cannot tell: that an overload which lasts for ten minutes is not the new normal, since the long average has learned it by then.
 * Thread-safe.
 */
final class Gradient {

  static final int LONG_WINDOWS = 600;

  private static final int WARM_UP = 10;
  private static final int LEAST_CALLS = 10;
  private static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);
  private static final double TOLERANCE = 1.5;
  private static final double SMOOTHING = 0.2;
  private static final double QUEUE = 4;
  private static final double DROPPED_SHARE = 0.05;
  private static final double DROP_FACTOR = 0.9;

  private final int min;
  private final int max;
  private final Object lock = new Object();
  private double estimate;
  private double longAverage;
  private int windows;
  private long windowEndsAt;
  private long sumNanos;
  private int calls;
  private int drops;
  private int mostInFlight;
  private volatile int limit;

  Gradient(int initial, int min, int max, long now) {
    this.estimate = initial;
    this.limit = initial;
    this.min = min;
    this.max = max;
    this.windowEndsAt = now + SHORTEST;
  }

  int limit() {
    return limit;
  }

  void answered(long now, long nanos, int inFlight) {
    sample(now, nanos, inFlight, 0);
  }

  void dropped(long now, long nanos, int inFlight) {
    sample(now, nanos, inFlight, 1);
  }

  private void sample(long now, long nanos, int inFlight, int dropped) {
    synchronized (lock) {
      calls++;
      sumNanos += nanos;
      drops += dropped;
      mostInFlight = Math.max(mostInFlight, inFlight);
      if (now - windowEndsAt >= 0 && calls >= LEAST_CALLS) {
        double average = Math.max(1, (double) sumNanos / calls);
        update(average);
        windowEndsAt = now + Math.max(SHORTEST, Math.min(LONGEST, 2 * (long) average));
        sumNanos = 0;
        calls = 0;
        drops = 0;
        mostInFlight = 0;
      }
    }
  }

  private void update(double average) {
    if (drops >= DROPPED_SHARE * calls) {
      set(estimate
          * DROP_FACTOR); // what was dropped did not take as long as it would have: it is no
      // average
      return;
    }
    learn(average);
    if (mostInFlight < estimate / 2) {
      return;
    }
    double gradient = Math.max(0.5, Math.min(1, TOLERANCE * longAverage / average));
    set((1 - SMOOTHING) * estimate + SMOOTHING * (estimate * gradient + QUEUE));
  }

  private void learn(double average) {
    windows++;
    double weight = windows <= WARM_UP ? 1.0 / windows : 2.0 / (LONG_WINDOWS + 1);
    longAverage += weight * (average - longAverage);
    if (longAverage > 2 * average) {
      longAverage *= 0.9;
    }
  }

  private void set(double value) {
    estimate = Math.max(min, Math.min(max, value));
    limit = (int) estimate;
  }
}
