package dev.msk.messaging;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, with a bound that only a failure reaches. */
public final class Eventually {

  /** Kafka takes 45 s to notice that a member is gone which could not say so, and some more to share out what it had. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private Eventually() {}

  public static void eventually(String what, Callable<Boolean> condition) throws Exception {
    eventually(what, condition, () -> "");
  }

  /** With an explanation that is asked for only when it did not happen. */
  public static void eventually(
      String what, Callable<Boolean> condition, Callable<String> otherwise) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + PATIENCE + ": " + what + otherwise.call());
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }
}
