package dev.msk.core.telemetry;

import java.util.List;

/** A kind of operation with its tags, ready to start. Thread-safe. */
public interface BoundOperation {

  /**
   * Starts an operation as part of another, without links.
   *
   * @param parent what it is part of: {@link Telemetry#current()}, an extracted context, or {@link TelemetryContext#root()}
   * @return the running operation; close it
   */
  default Operation start(TelemetryContext parent) {
    return start(parent, List.of());
  }

  /**
   * Starts an operation that also points at other spans: the creation contexts of the messages of a batch, for example.
   *
   * @param parent what it is part of
   * @param links spans it has to do with; an adapter keeps the first 128
   * @return the running operation; close it
   */
  Operation start(TelemetryContext parent, List<SpanRef> links);
}
