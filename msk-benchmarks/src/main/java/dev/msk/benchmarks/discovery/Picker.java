package dev.msk.benchmarks.discovery;

/** Picks an instance for a call, and releases it. Thread-safe. */
@FunctionalInterface
interface Picker {

  /**
   * Makes a call that takes no time.
   *
   * @return the instance
   */
  Object call();
}
