package dev.msk.observability.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.observability.MskTelemetry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Propagators that are not W3C's, alone and beside it. */
final class PropagationTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final Map<String, String> REQUEST = Map.of(
      "traceparent", "00-" + TRACE + "-b7ad6b7169203331-01",
      "tracestate", "0v=1",
      "vendor-span", "c7ad6b7169203331");

  @Test
  void propagatorThatHasItsOwnTracestate_readsAndWritesIt() {
    assertThat(forwarded(new Vendor()))
        .isEqualTo(Map.of("vendor-span", "c7ad6b7169203331", "tracestate", "0v=1"));
  }

  @Test
  void tracestate_isNotThatOfAParentWhoLostToAnotherPropagator() {
    TextMapPropagator vendorLast =
        TextMapPropagator.composite(W3CTraceContextPropagator.getInstance(), new Vendor());

    Map<String, String> forwarded = forwarded(vendorLast);

    assertThat(forwarded.get("traceparent")).contains("c7ad6b7169203331");
    assertThat(forwarded).doesNotContainKey("tracestate");
  }

  @Test
  void tracestate_isThatOfItsParent_besideAnotherPropagator() {
    TextMapPropagator w3cLast =
        TextMapPropagator.composite(new Vendor(), W3CTraceContextPropagator.getInstance());

    assertThat(forwarded(w3cLast))
        .containsEntry("traceparent", REQUEST.get("traceparent"))
        .containsEntry("tracestate", "0v=1");
  }

  private static Map<String, String> forwarded(TextMapPropagator propagator) {
    MskTelemetry telemetry = MskTelemetry.of(
        OpenTelemetry.propagating(ContextPropagators.create(propagator)),
        new SimpleMeterRegistry());
    Map<String, String> headers = new HashMap<>();

    TelemetryContext context = telemetry.extract(REQUEST, Map::get);
    context.inject(headers, Map::put);
    return headers;
  }

  /** A span id in a header of its own, and all of the state as it came. */
  private static final class Vendor implements TextMapPropagator {

    private static final ContextKey<String> STATE = ContextKey.named("vendor-state");

    @Override
    public Collection<String> fields() {
      return List.of("vendor-span", "tracestate");
    }

    @Override
    public <C> void inject(Context context, @Nullable C carrier, TextMapSetter<C> setter) {
      setter.set(
          carrier, "vendor-span", Span.fromContext(context).getSpanContext().getSpanId());
      String state = context.get(STATE);
      if (state != null) {
        setter.set(carrier, "tracestate", state);
      }
    }

    @Override
    public <C> Context extract(Context context, @Nullable C carrier, TextMapGetter<C> getter) {
      String span = getter.get(carrier, "vendor-span");
      String state = getter.get(carrier, "tracestate");
      Context found = span == null
          ? context
          : context.with(Span.wrap(SpanContext.createFromRemoteParent(
              TRACE, span, TraceFlags.getSampled(), TraceState.getDefault())));
      return state == null ? found : found.with(STATE, state);
    }
  }
}
