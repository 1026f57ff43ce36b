package dev.msk.observability.internal;

import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.HeaderSetter;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.observability.BaggageBoundary;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes contexts with OpenTelemetry's propagators, by W3C Trace Context level 2 where its own parser knows less. What
 * that is: {@code docs/trace-context.md}.
 */
public final class Propagation {

  /** Sampled, and of level 2 random; a sender of any other flag knows more than we do. */
  private static final int KNOWN_FLAGS = 3;

  private final TextMapPropagator propagator;
  private final boolean w3c;
  private final Backend backend;

  Propagation(TextMapPropagator configured, Backend backend) {
    this.propagator =
        configured.fields().isEmpty() ? W3CTraceContextPropagator.getInstance() : configured;
    this.w3c = propagator.fields().contains(Headers.TRACEPARENT);
    this.backend = backend;
  }

  /** As this one, towards peers whose baggage is not trusted and that are not trusted with ours. */
  Propagation across(BaggageBoundary boundary, Backend outside) {
    TextMapPropagator all = propagator.fields().contains(Headers.BAGGAGE)
        ? propagator
        : TextMapPropagator.composite(propagator, W3CBaggagePropagator.getInstance());
    return new Propagation(boundary.around(all), outside);
  }

  <C> Context extract(C carrier, HeaderGetter<C> getter) {
    try {
      Headers<C> headers = new Headers<>(getter, w3c);
      Context context = propagator.extract(Context.root(), carrier, headers);
      return w3c ? stated(knownFlags(context), carrier, headers) : context;
    } catch (RuntimeException e) {
      backend.failed("reading a context", e);
      return Context.root();
    }
  }

  private static Context knownFlags(Context context) {
    SpanContext span = Span.fromContext(context).getSpanContext();
    int flags = span.getTraceFlags().asByte();
    return (flags & ~KNOWN_FLAGS) == 0
        ? context
        : context.with(Span.wrap(SpanContext.createFromRemoteParent(
            span.getTraceId(),
            span.getSpanId(),
            TraceFlags.fromByte((byte) (flags & KNOWN_FLAGS)),
            span.getTraceState())));
  }

  /** A state without a parent is nobody's, and so is one whose parent lost to that of another propagator. */
  private static <C> Context stated(Context context, C carrier, Headers<C> headers) {
    SpanContext span = Span.fromContext(context).getSpanContext();
    String state = span.isValid() ? headers.traceState(carrier) : null;
    if (state == null) {
      return context;
    }
    return SpanRef.parse(headers.get(carrier, Headers.TRACEPARENT))
        .filter(parent ->
            parent.traceId().equals(span.getTraceId()) && parent.spanId().equals(span.getSpanId()))
        .map(parent -> ReceivedTraceState.read(state, context))
        .orElse(context);
  }

  <C> void inject(Context context, C carrier, HeaderSetter<C> setter) {
    try {
      Outgoing<C> outgoing = new Outgoing<>(setter, w3c);
      propagator.inject(context, carrier, outgoing);
      if (outgoing.traceparent) {
        String state = ReceivedTraceState.written(context);
        if (!state.isEmpty()) {
          setter.set(carrier, Headers.TRACESTATE, state);
        }
      }
    } catch (RuntimeException e) {
      backend.failed("writing a context", e);
    }
  }

  /** Lets through what propagators write, but for W3C's trace state. Confined to one call. */
  private static final class Outgoing<C> implements TextMapSetter<C> {

    private final HeaderSetter<C> setter;
    private final boolean w3c;
    private boolean traceparent;

    Outgoing(HeaderSetter<C> setter, boolean w3c) {
      this.setter = setter;
      this.w3c = w3c;
    }

    @Override
    public void set(@Nullable C carrier, String name, String value) {
      if (carrier != null && !(w3c && name.equals(Headers.TRACESTATE))) {
        traceparent |= name.equals(Headers.TRACEPARENT);
        setter.set(carrier, name, value);
      }
    }
  }
}
