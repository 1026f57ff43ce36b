package dev.msk.saga.internal;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes one thread that waits for work; a signal that comes before the wait is not lost. Thread-safe. */
final class Signal {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean raised;

  void raise() {
    lock.lock();
    try {
      raised = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until raised or until the time is over, and takes the signal down. */
  boolean await(Duration atMost) throws InterruptedException {
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
