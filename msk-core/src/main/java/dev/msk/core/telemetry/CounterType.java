package dev.msk.core.telemetry;

/** A registered counter. Thread-safe. */
public interface CounterType {

  /**
   * What it counts.
   *
   * @return the spec it was registered with
   */
  CounterSpec spec();

  /**
   * Binds tag values. Do it once, ahead, and keep the result: equal values give the same bound counter.
   *
   * @param tagValues one for each tag key of the spec, in its order
   * @return the counter with its tags
   * @throws IllegalArgumentException if there are more or fewer values than keys
   */
  BoundCounter bind(String... tagValues);
}
