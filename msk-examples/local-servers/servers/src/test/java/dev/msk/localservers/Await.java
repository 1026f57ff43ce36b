package dev.msk.localservers;

import java.time.Duration;
import java.util.function.BooleanSupplier;

final class Await {
  private Await() {}

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within 20 s: " + what);
      }
      Pause.briefly();
    }
  }

  static void gone(long pid) {
    until("end of process " + pid, () -> ProcessHandle.of(pid).isEmpty());
  }
}
