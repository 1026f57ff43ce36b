package dev.msk.core.lifecycle;

import dev.msk.core.Deadline;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A lock, and patient waits for what it guards. Thread-safe. */
final class Gate {

  /** How often a deadline is read again: its ticker need not be the clock that the JVM waits by. */
  private static final Duration SLICE = Duration.ofMillis(20);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }

  /** Lock held: has those who wait look again. */
  void changed() {
    changed.signalAll();
  }

  /** Lock held: waits until done; an interrupt ends it. */
  void await(BooleanSupplier done) throws InterruptedException {
    while (!done.getAsBoolean()) {
      changed.await();
    }
  }

  /** Lock held: waits until done; an interrupt does not end it, and is kept. */
  void awaitPatiently(BooleanSupplier done) {
    while (!done.getAsBoolean()) {
      changed.awaitUninterruptibly();
    }
  }

  /** Lock held: waits until done or too late; an interrupt does not end it, and is kept. False if it is too late. */
  boolean awaitPatiently(BooleanSupplier done, Deadline atMost) {
    boolean interrupted = false;
    try {
      while (!done.getAsBoolean()) {
        if (atMost.isExpired()) {
          return false;
        }
        try {
          changed.awaitNanos(Math.min(SLICE.toNanos(), atMost.remaining().toNanos()));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
