package dev.msk.core.spi;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wakes one thread that waits for work; a signal that comes before the wait is not lost, several before it are one. For loops of
 * blocks, which poll anyway and want to be early. Thread-safe.
 */
public final class Signal {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean raised;

  /** A signal that is not raised. */
  public Signal() {}

  /** Ends the wait under way, or the next one. Never blocks for long; callable from any thread. */
  public void raise() {
    lock.lock();
    try {
      raised = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until raised or until the time is over, and takes the signal down.
   *
   * @param atMost how long; zero or less only looks
   * @return whether it was raised
   * @throws InterruptedException if the thread was interrupted; the signal stays as it was
   */
  public boolean await(Duration atMost) throws InterruptedException {
    lock.lock();
    try {
      long nanos = atMost.toNanos();
      while (!raised && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      boolean was = raised;
      raised = false;
      return was;
    } finally {
      lock.unlock();
    }
  }
}
