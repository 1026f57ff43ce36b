package dev.msk.observability.internal;

import dev.msk.core.telemetry.HeaderSetter;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.TelemetryContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import java.util.Optional;

/** OpenTelemetry's context as one of ours. */
public final class OtelContext implements TelemetryContext {

  private final Propagation propagation;
  private final Context context;

  private OtelContext(Propagation propagation, Context context) {
    this.propagation = propagation;
    this.context = context;
  }

  public static TelemetryContext of(Propagation propagation, Context context) {
    return context == Context.root()
        ? TelemetryContext.root()
        : new OtelContext(propagation, context);
  }

  /** What OpenTelemetry knows of a context: its own, or a foreign one's span as a remote one. */
  static Context unwrap(TelemetryContext context) {
    if (context instanceof OtelContext own) {
      return own.context;
    }
    return context
        .span()
        .map(span -> Context.root().with(Span.wrap(remote(span))))
        .orElseGet(Context::root);
  }

  static SpanContext remote(SpanRef span) {
    return SpanContext.createFromRemoteParent(
        span.traceId(),
        span.spanId(),
        span.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
        TraceState.getDefault());
  }

  @Override
  public Optional<SpanRef> span() {
    SpanContext span = Span.fromContext(context).getSpanContext();
    return span.isValid()
        ? Optional.of(new SpanRef(span.getTraceId(), span.getSpanId(), span.isSampled()))
        : Optional.empty();
  }

  @Override
  public <C> void inject(C carrier, HeaderSetter<C> setter) {
    propagation.inject(context, carrier, setter);
  }

  @Override
  public String toString() {
    return "TelemetryContext[" + Span.fromContext(context).getSpanContext() + "]";
  }
}
