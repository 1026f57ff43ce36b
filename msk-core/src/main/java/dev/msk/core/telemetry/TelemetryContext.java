package dev.msk.core.telemetry;

import dev.msk.core.internal.NoopTelemetry;
import java.util.Optional;

/**
 * What an operation is a part of: a span, and what travels beside it (trace state, baggage). Immutable and thread-safe. Made by
 * the {@link Telemetry} it is used with.
 */
public interface TelemetryContext {

  /**
   * The context of what is part of nothing: an operation started in it begins a new trace.
   *
   * @return always the same object, which every {@link Telemetry} understands
   */
  static TelemetryContext root() {
    return NoopTelemetry.ROOT;
  }

  /**
   * The span of this context, to link to.
   *
   * @return the span, empty for the root and in the no-op telemetry
   */
  Optional<SpanRef> span();

  /**
   * Writes this context to an outgoing message or request, as W3C {@code traceparent} and {@code tracestate}; the root writes
   * nothing.
   *
   * @param carrier holds the headers
   * @param setter writes one header
   * @param <C> the type of the carrier
   */
  <C> void inject(C carrier, HeaderSetter<C> setter);
}
