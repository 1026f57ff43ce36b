package dev.msk.observability.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.TelemetryContext;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.util.List;

/** A kind of operation as spans and timers, or as timers alone. */
public final class SpanOperationType implements OperationType {

  private static final int MAX_LINKS = 128;

  private final Backend backend;
  private final OperationSpec spec;
  private final Convention convention;
  private final boolean makesSpans;
  private final TagBounds bounds;
  private final TimerRoom room = new TimerRoom();
  private final BoundTuples<BoundOperation> bound;

  public SpanOperationType(Backend backend, OperationSpec spec) {
    this.backend = backend;
    this.spec = spec;
    this.convention = Convention.of(spec);
    this.makesSpans = backend.makesSpans(convention);
    this.bounds = new TagBounds(backend, spec.name(), spec.tagKeys());
    this.bound = new BoundTuples<>(bounds, Bound::new);
  }

  @Override
  public OperationSpec spec() {
    return spec;
  }

  @Override
  public BoundOperation bind(String... tagValues) {
    return bound.bind(tagValues);
  }

  private final class Bound implements BoundOperation {

    private final String spanName;
    private final SpanKind kind = SpanKind.valueOf(spec.kind().name());
    private final Attributes attributes;
    private final OperationTimers timers;

    Bound(TagTuple tuple) {
      this.spanName = convention.spanName(spec, tuple.values());
      this.attributes = attributes(tuple.values());
      this.timers = new OperationTimers(backend, spec, convention, bounds, room, tuple);
    }

    @Override
    public Operation start(TelemetryContext parent, List<SpanRef> links) {
      requireNonNull(parent, "parent");
      Context context = OtelContext.unwrap(parent);
      if (!makesSpans) {
        return withinTheAgents(context);
      }
      return backend.isWithoutSpans()
          ? new TimedOperation(timers, context)
          : withSpan(context, links);
    }

    private Operation withSpan(Context parent, List<SpanRef> links) {
      Span span = startSpan(parent, links);
      return new SpanOperation(timers, span, parent.with(span));
    }

    private Operation withinTheAgents(Context parent) {
      return new TimedOperation(timers, isServed() ? served(parent) : parent);
    }

    private boolean isServed() {
      return kind == SpanKind.SERVER || kind == SpanKind.CONSUMER;
    }

    /**
     * The agent's span of the same call or message, which it has made current; what came, where it has made none. Baggage is
     * that of our propagators.
     */
    private Context served(Context received) {
      Context current = Context.current();
      SpanContext here = Span.fromContext(current).getSpanContext();
      SpanContext sender = Span.fromContext(received).getSpanContext();
      boolean isOfThisCall = here.isValid()
          && !here.isRemote()
          && (!sender.isValid() || sender.getTraceId().equals(here.getTraceId()));
      return isOfThisCall ? current.with(Baggage.fromContext(received)) : received;
    }

    private Span startSpan(Context parent, List<SpanRef> links) {
      try {
        SpanBuilder span = backend
            .tracer()
            .spanBuilder(spanName)
            .setParent(parent)
            .setSpanKind(kind)
            .setAllAttributes(attributes);
        for (int i = 0; i < Math.min(links.size(), MAX_LINKS); i++) {
          span.addLink(OtelContext.remote(links.get(i)));
        }
        return span.startSpan();
      } catch (RuntimeException e) {
        backend.failed("starting a span " + spanName, e);
        return Span.getInvalid();
      }
    }

    private Attributes attributes(List<String> tagValues) {
      AttributesBuilder all = Attributes.builder();
      for (int i = 0; i < tagValues.size(); i++) {
        SpanValues.put(all, spec.tagKeys().get(i), tagValues.get(i));
      }
      return all.build();
    }
  }
}
