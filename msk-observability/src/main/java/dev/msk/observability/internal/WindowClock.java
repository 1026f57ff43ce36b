package dev.msk.observability.internal;

import io.micrometer.core.instrument.Clock;
import java.util.function.LongSupplier;

/**
 * The time for meters that want to know at each measurement whether a window of many seconds has ended. To read the system's clock for
 * that costs as much as all the rest of a measurement, so this is the time of the last scrape, or while operations end, of no more than
 * 100 ms ago. Thread-safe.
 */
public final class WindowClock implements Clock {

  private static final long STEP_NANOS = 100_000_000;

  private final LongSupplier system;
  private volatile long wallMillis;
  private volatile long told;

  /** By the system's clock. */
  public WindowClock() {
    this(System::currentTimeMillis);
  }

  WindowClock(LongSupplier system) {
    this.system = system;
    this.wallMillis = system.getAsLong();
  }

  @Override
  public long wallTime() {
    return wallMillis;
  }

  @Override
  public long monotonicTime() {
    return System.nanoTime();
  }

  /** Is told what some ticker reads, by whoever has asked it anyway. */
  void passed(long nanos) {
    if (Math.abs(nanos - told) >= STEP_NANOS) {
      told = nanos;
      read();
    }
  }

  /** Reads the system's clock. */
  public void read() {
    wallMillis = system.getAsLong();
  }
}
