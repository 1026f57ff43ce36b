package dev.msk.core.telemetry;

/** A counter with its tags. Thread-safe. */
@FunctionalInterface
public interface BoundCounter {

  /**
   * Counts.
   *
   * @param amount how many more; a negative amount is ignored
   */
  void add(long amount);
}
