package dev.msk.discovery.internal.balancing;

import dev.msk.core.Ticker;
import dev.msk.discovery.Lease.Outcome;

/**
 * The moving average of an instance's latency, weighted exponentially by time, that jumps to each peak at once and comes down
 * slowly: Finagle's Peak-EWMA. Thread-safe.
 *
 * <p>An average decays while nobody looks: at time {@code t} it is {@code cost · e^-((t - stamp)/decay)}. The pick compares two of
 * them, times the calls that would be under way. Both decay by the same factor until {@code t}, so that the pick needs neither
 * the time nor an exponential: what is kept for it is the logarithm, {@code ln cost + stamp/decay}, to which {@code ln calls} is
 * added. The clock is read, and the logarithm taken, at the end of a call.
 *
 * <p>Not of each, where there are many: a call weighs in the average what the time since the one before weighs. As long as those that
 * are looked at follow one another within 1/8192 of the decay (1.2 ms of 10 s), every second, fourth, eighth, at last every sixty-fourth is,
 * and stands for those between; when two of them lie four times as far apart, each call is looked at again. One that takes longer than
 * the average is never passed over.
 *
 * <p>A call that failed or was given up may raise the average and never lowers it: who refuses at once would seem fast. An instance
 * that nobody has called costs nothing while it is idle, and more than all others once it is being tried.
 *
 * @see <a href="https://github.com/twitter/finagle/blob/develop/finagle-core/src/main/scala/com/twitter/finagle/loadbalancer/PeakEwma.scala">
 *     Finagle, PeakEwma.scala</a>
 */
final class Latency implements Meter {

  /** What a first call counts at least if it fails: one second. */
  private static final double FAILED_FIRST = 1e9;

  /** Above the logarithm of any cost: e^700 is about the largest double. */
  private static final double UNTRIED = 1e12;

  /** Of the decay; what happens within one of them is as good as at once. */
  private static final int PARTS = 8192;

  private static final int APART = 4;
  private static final int MOST_BETWEEN = 63;

  private static final double[] LOGARITHMS = new double[1024];

  static {
    for (int i = 0; i < LOGARITHMS.length; i++) {
      LOGARITHMS[i] = Math.log(i);
    }
  }

  private final Ticker ticker;
  private final long origin;
  private final double decayNanos;
  private volatile double average;

  /** A call is looked at if its turn has none of these bits. */
  private volatile int between;

  private long stamp;
  private volatile double level = Double.NEGATIVE_INFINITY;

  /**
   * Creates one without a history.
   *
   * @param ticker measures
   * @param origin a reading that all that are compared have in common
   * @param decayNanos after which time a past call counts e times less
   */
  Latency(Ticker ticker, long origin, double decayNanos) {
    this.ticker = ticker;
    this.origin = origin;
    this.decayNanos = decayNanos;
    this.stamp = origin;
  }

  /** The logarithm of what one call more would cost, up to a term that all have in common. */
  double cost(int load) {
    double known = level;
    if (known == Double.NEGATIVE_INFINITY) {
      return load <= 0 ? known : UNTRIED + load;
    }
    int calls = Math.max(0, load) + 1;
    return known + (calls < LOGARITHMS.length ? LOGARITHMS[calls] : Math.log(calls));
  }

  @Override
  public void taken() {}

  @Override
  public void done(Outcome outcome, long nanos, int turn) {
    if ((turn & between) == 0 || nanos > average) {
      look(outcome, nanos);
    }
  }

  private void look(Outcome outcome, long nanos) {
    long now = ticker.nanoTime();
    synchronized (this) {
      double past = Math.max(0, now - stamp) / decayNanos;
      double kept = decay(past);
      double decayed = average * kept;
      double seen = average == 0 && outcome == Outcome.FAILED ? FAILED_FIRST : 0;
      seen = Math.max(seen, (double) nanos);
      if (seen > decayed) {
        average = seen;
      } else if (outcome == Outcome.OK) {
        average = decayed + seen * (1 - kept);
      } else {
        return;
      }
      between = between(past * PARTS);
      // Of two calls that end at once, the later may have read the clock first.
      stamp = now - stamp > 0 ? now : stamp;
      level = Math.log(Math.max(1, average)) + (stamp - origin) / decayNanos;
    }
  }

  /** Which calls are passed over from now on, by the parts of the decay since the last that was looked at. */
  private int between(double parts) {
    if (parts > APART) {
      return 0;
    }
    return parts < 1 ? Math.min(MOST_BETWEEN, 2 * between + 1) : between;
  }

  /** e^-x. Between two calls that follow one another x is small, and three terms of the series are as good. */
  private static double decay(double x) {
    return x < 1e-3 ? 1 - x + x * x / 2 : Math.exp(-x);
  }
}
