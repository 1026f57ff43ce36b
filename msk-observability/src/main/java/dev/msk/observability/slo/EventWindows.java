package dev.msk.observability.slo;

import java.time.Duration;

/** Good and bad events of the last three days, by second, minute and hour: 12 kB. Guarded by whoever holds it. */
final class EventWindows {

  private final Ring seconds = new Ring(1, 300);
  private final Ring minutes = new Ring(60, 360);
  private final Ring hours = new Ring(3600, 72);

  void add(long second, long good, long bad) {
    seconds.add(second, good, bad);
    minutes.add(second, good, bad);
    hours.add(second, good, bad);
  }

  /** What happened within a window that ends with this second, of the finest ring that has it. */
  Count within(Duration window, long second) {
    long length = window.toSeconds();
    Ring ring = length <= seconds.reach() ? seconds : length <= minutes.reach() ? minutes : hours;
    return ring.last(length, second);
  }

  /** How many events. */
  record Count(long good, long bad) {

    long all() {
      return good + bad;
    }

    double errorRatio() {
      return all() == 0 ? 0 : (double) bad / all();
    }
  }

  private static final class Ring {

    private final int width;
    private final long[] good;
    private final long[] bad;
    private long newest = Long.MIN_VALUE;

    Ring(int width, int slots) {
      this.width = width;
      this.good = new long[slots];
      this.bad = new long[slots];
    }

    long reach() {
      return (long) width * good.length;
    }

    void add(long second, long goodEvents, long badEvents) {
      forward(Math.floorDiv(second, width));
      int slot = slot(newest);
      good[slot] += goodEvents;
      bad[slot] += badEvents;
    }

    Count last(long length, long second) {
      forward(Math.floorDiv(second, width));
      long goodEvents = 0;
      long badEvents = 0;
      for (long at = newest; at > newest - length / width; at--) {
        goodEvents += good[slot(at)];
        badEvents += bad[slot(at)];
      }
      return new Count(goodEvents, badEvents);
    }

    /** Empties the slots of a time in which nobody was here. */
    private void forward(long now) {
      if (now <= newest) {
        return;
      }
      long from = Math.max(newest + 1, now - good.length + 1);
      for (long at = from; at <= now; at++) {
        good[slot(at)] = 0;
        bad[slot(at)] = 0;
      }
      newest = now;
    }

    private int slot(long at) {
      return (int) Math.floorMod(at, (long) good.length);
    }
  }
}
