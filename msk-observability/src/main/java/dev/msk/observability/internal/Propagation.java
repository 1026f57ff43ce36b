package dev.msk.observability.internal;

import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.HeaderSetter;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads and writes contexts with OpenTelemetry's propagators, by the stricter rules of W3C for repeated headers. */
public final class Propagation {

  private final TextMapPropagator propagator;
  private final Backend backend;

  Propagation(TextMapPropagator configured, Backend backend) {
    this.propagator =
        configured.fields().isEmpty() ? W3CTraceContextPropagator.getInstance() : configured;
    this.backend = backend;
  }

  <C> Context extract(C carrier, HeaderGetter<C> getter) {
    try {
      return propagator.extract(Context.root(), carrier, new SingleHeaders<>(getter));
    } catch (RuntimeException e) {
      backend.failed("reading a context", e);
      return Context.root();
    }
  }

  <C> void inject(Context context, C carrier, HeaderSetter<C> setter) {
    try {
      propagator.inject(context, carrier, (headers, name, value) -> {
        if (headers != null) {
          setter.set(headers, name, value);
        }
      });
    } catch (RuntimeException e) {
      backend.failed("writing a context", e);
    }
  }

  /** A name that may stand once stands once or not at all; the members of a list are joined. */
  private record SingleHeaders<C>(HeaderGetter<C> headers) implements TextMapGetter<C> {

    private static final List<String> LISTS = List.of("tracestate", "baggage");

    @Override
    public @Nullable String get(@Nullable C carrier, String name) {
      if (carrier == null) {
        return null;
      }
      List<String> values = headers.getAll(carrier, name);
      if (values.isEmpty()) {
        return null;
      }
      if (LISTS.contains(name)) {
        return String.join(",", values);
      }
      return values.size() == 1 ? values.get(0) : null;
    }

    @Override
    public Iterator<String> getAll(@Nullable C carrier, String name) {
      String value = get(carrier, name);
      return value == null ? List.<String>of().iterator() : List.of(value).iterator();
    }
  }
}
