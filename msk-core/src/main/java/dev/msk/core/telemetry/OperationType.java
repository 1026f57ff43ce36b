package dev.msk.core.telemetry;

/** A registered kind of operation. Thread-safe. */
public interface OperationType {

  /**
   * What it is.
   *
   * @return the spec it was registered with
   */
  OperationSpec spec();

  /**
   * Binds tag values. Do it once, ahead, and keep the result: equal values give the same bound operation.
   *
   * @param tagValues one for each tag key of the spec, in its order
   * @return the operation with its tags
   * @throws IllegalArgumentException if there are more or fewer values than keys
   */
  BoundOperation bind(String... tagValues);
}
