package dev.msk.security.internal;

import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/** So many lines in each second, and how many were left out before the next one. Thread-safe. */
public final class LineBudget {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final int linesPerSecond;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private long secondBegan;
  private int lines;
  private long leftOut;

  /**
   * A whole budget.
   *
   * @param linesPerSecond at least one
   * @param ticker measures the second
   */
  public LineBudget(int linesPerSecond, Ticker ticker) {
    this.linesPerSecond = linesPerSecond;
    this.ticker = ticker;
    this.secondBegan = ticker.nanoTime();
  }

  /**
   * Asks for a line.
   *
   * @return how many were left out since the last; empty if this one must be left out too
   */
  public OptionalLong take() {
    lock.lock();
    try {
      long now = ticker.nanoTime();
      if (now - secondBegan >= SECOND) {
        secondBegan = now;
        lines = 0;
      }
      if (lines >= linesPerSecond) {
        leftOut++;
        return OptionalLong.empty();
      }
      lines++;
      long before = leftOut;
      leftOut = 0;
      return OptionalLong.of(before);
    } finally {
      lock.unlock();
    }
  }
}
