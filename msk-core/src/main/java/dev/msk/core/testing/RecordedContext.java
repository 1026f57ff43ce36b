package dev.msk.core.testing;

import dev.msk.core.telemetry.HeaderSetter;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.TelemetryContext;
import java.util.Optional;

/** A span and the trace state that came with it, which is passed on as it is. */
record RecordedContext(SpanRef ref, String traceState) implements TelemetryContext {

  @Override
  public Optional<SpanRef> span() {
    return Optional.of(ref);
  }

  @Override
  public <C> void inject(C carrier, HeaderSetter<C> setter) {
    setter.set(carrier, "traceparent", ref.traceparent());
    if (!traceState.isEmpty()) {
      setter.set(carrier, "tracestate", traceState);
    }
  }
}
