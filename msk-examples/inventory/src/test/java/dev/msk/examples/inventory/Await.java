package dev.msk.examples.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for conditions. */
final class Await {

  private Await() {}

  /** At most 30 s. */
  static void until(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime() - end).as("not within 30 s: " + what).isNegative();
      Thread.onSpinWait();
    }
  }
}
