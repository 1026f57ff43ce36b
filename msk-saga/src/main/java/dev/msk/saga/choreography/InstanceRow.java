package dev.msk.saga.choreography;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The row of an instance, as it was read under its lock, or as it is to be written. */
record InstanceRow(
    String participant,
    String key,
    InstanceStatus status,
    int version,
    byte @Nullable [] state,
    int kept,
    @Nullable String error,
    Origin origin,
    Instant createdAt,
    Instant changedAt) {

  /** The flow and the trace of the first input. */
  record Origin(
      @Nullable String correlationId,
      @Nullable String traceParent,
      @Nullable String traceState) {}

  InstanceRow moved(int by, byte[] next, boolean ended) {
    return new InstanceRow(
        participant,
        key,
        ended ? InstanceStatus.ENDED : InstanceStatus.RUNNING,
        by,
        next,
        kept,
        null,
        origin,
        createdAt,
        changedAt);
  }

  InstanceRow kept(int inputs) {
    return new InstanceRow(
        participant, key, status, version, state, inputs, error, origin, createdAt, changedAt);
  }

  InstanceRow at(InstanceStatus next, @Nullable String why) {
    return new InstanceRow(
        participant, key, next, version, state, kept, why, origin, createdAt, changedAt);
  }

  @Override
  public String toString() {
    return participant + " " + key;
  }
}
