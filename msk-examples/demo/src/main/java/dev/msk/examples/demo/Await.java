package dev.msk.examples.demo;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what is claimed to come true. */
public final class Await {

  private static final long BETWEEN = Duration.ofMillis(20).toNanos();

  private Await() {}

  /**
   * Asks every 20 ms until the answer is yes.
   *
   * @param claim what is waited for
   * @param limit how long
   * @param condition the question
   * @throws FalseClaimException when it is not true in time
   * @throws Exception when the question fails
   */
  public static void until(String claim, Duration limit, Callable<Boolean> condition)
      throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - end > 0) {
        throw new FalseClaimException(claim, List.of("not after " + limit.toSeconds() + " s"));
      }
      LockSupport.parkNanos(BETWEEN);
    }
  }
}
