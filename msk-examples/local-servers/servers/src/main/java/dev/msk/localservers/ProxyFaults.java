package dev.msk.localservers;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What happens to the bytes of one direction of all connections. Guarded by its own lock. */
final class ProxyFaults {
  private static final long NONE = -1;

  private boolean stalled;
  private boolean swallowing;
  private long delayNanos;
  private long dropLeft;
  private long passLeft = NONE;

  synchronized void clear() {
    stalled = false;
    swallowing = false;
    delayNanos = 0;
    dropLeft = 0;
    passLeft = NONE;
    notifyAll();
  }

  synchronized void delay(Duration time) {
    delayNanos = time.toNanos();
  }

  synchronized void stall() {
    stalled = true;
  }

  synchronized void swallow() {
    swallowing = true;
    stalled = false;
    notifyAll();
  }

  synchronized boolean swallows() {
    return swallowing;
  }

  synchronized void drop(long bytes) {
    dropLeft = bytes;
  }

  synchronized void cutAfter(long bytes) {
    passLeft = bytes;
  }

  synchronized void wake() {
    notifyAll();
  }

  /** Holds bytes that just came back as long as the faults say, or until the connection is closed. */
  synchronized void hold(ProxyConnection connection) throws InterruptedException {
    long start = System.nanoTime();
    while (!connection.isClosed()) {
      long left = delayNanos - (System.nanoTime() - start);
      if (stalled) {
        wait();
      } else if (left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } else {
        return;
      }
    }
  }

  /** The same for the end of the stream, which is not seen while bytes are swallowed. */
  synchronized void holdEnd(ProxyConnection connection) throws InterruptedException {
    while (swallowing && !connection.isClosed()) {
      wait();
    }
    hold(connection);
  }

  /** What becomes of so many bytes. */
  synchronized Share take(int bytes) {
    int lost = swallowing ? bytes : (int) Math.min(dropLeft, bytes);
    dropLeft = Math.max(0, dropLeft - lost);
    int passed = bytes - lost;
    if (passLeft == NONE || passLeft > passed) {
      passLeft = passLeft == NONE ? NONE : passLeft - passed;
      return new Share(lost, passed, false);
    }
    passed = (int) passLeft;
    passLeft = NONE;
    return new Share(lost, passed, true);
  }

  /**
   * A decision.
   *
   * @param lost the first bytes, which go nowhere
   * @param passed the next ones
   * @param reset whether the connection ends here
   */
  record Share(int lost, int passed, boolean reset) {}
}
