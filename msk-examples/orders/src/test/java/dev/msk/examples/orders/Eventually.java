package dev.msk.examples.orders;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for conditions. */
final class Eventually {

  private Eventually() {}

  /** At most a minute. */
  static void eventually(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within a minute: " + what);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
