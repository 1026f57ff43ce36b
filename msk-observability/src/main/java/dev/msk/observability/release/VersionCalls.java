package dev.msk.observability.release;

import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The calls that one version answered lately, in ten slots of time. Thread-safe. */
final class VersionCalls {

  private static final int SLOTS = 10;
  private static final long MAX_MICROS = 60_000_000;
  private static final int DIGITS = 2;

  private final Ticker ticker;
  private final long origin;
  private final long slotNanos;
  private final AtomicReferenceArray<@Nullable Slot> slots = new AtomicReferenceArray<>(SLOTS);

  VersionCalls(Ticker ticker, long origin, Duration window) {
    this.ticker = ticker;
    this.origin = origin;
    this.slotNanos = window.toNanos() / SLOTS;
  }

  void add(boolean good, long nanos) {
    Slot slot = current();
    (good ? slot.good : slot.bad).increment();
    slot.micros.recordValue(Math.min(Math.max(0, nanos / 1_000), MAX_MICROS));
  }

  /** Whether none of the slots holds a call. */
  boolean isEmpty() {
    return within(SLOTS).all() == 0;
  }

  /** All that is remembered. */
  Sample lately() {
    return within(SLOTS);
  }

  /** The slot that is being filled, and the one before. */
  Sample justNow() {
    return within(2);
  }

  private Sample within(int count) {
    long now = number();
    long good = 0;
    long bad = 0;
    Histogram micros = new Histogram(MAX_MICROS, DIGITS);
    for (int i = 0; i < SLOTS; i++) {
      Slot slot = slots.get(i);
      if (slot != null && slot.number > now - count && slot.number <= now) {
        good += slot.good.sum();
        bad += slot.bad.sum();
        micros.add(slot.micros);
      }
    }
    return new Sample(good, bad, micros.getValueAtPercentile(99) / 1e6);
  }

  private Slot current() {
    long now = number();
    int index = (int) Math.floorMod(now, (long) SLOTS);
    while (true) {
      Slot slot = slots.get(index);
      if (slot != null && slot.number >= now) {
        return slot;
      }
      Slot fresh = new Slot(now);
      if (slots.compareAndSet(index, slot, fresh)) {
        return fresh;
      }
    }
  }

  private long number() {
    return (ticker.nanoTime() - origin) / slotNanos;
  }

  /** What was seen: how many calls went well, how many did not, and the 99th percentile in seconds. */
  record Sample(long good, long bad, double p99) {

    long all() {
      return good + bad;
    }

    double errorRatio() {
      return all() == 0 ? 0 : (double) bad / all();
    }
  }

  private static final class Slot {

    private final long number;
    private final LongAdder good = new LongAdder();
    private final LongAdder bad = new LongAdder();
    private final ConcurrentHistogram micros = new ConcurrentHistogram(MAX_MICROS, DIGITS);

    Slot(long number) {
      this.number = number;
    }
  }
}
