package dev.msk.observability.internal;

import dev.msk.core.telemetry.HeaderGetter;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came, as propagators read it: a name that may stand once stands once or not at all, and the members of a list that came
 * in several headers are one list. OpenTelemetry's parser of W3C's headers does not get the trace state, of which it takes a
 * part only: {@link ReceivedTraceState} reads it.
 *
 * @param <C> the type of the carrier
 */
record Headers<C>(HeaderGetter<C> getter, boolean w3c) implements TextMapGetter<C> {

  static final String TRACEPARENT = "traceparent";
  static final String TRACESTATE = "tracestate";
  static final String BAGGAGE = "baggage";

  @Override
  public @Nullable String get(@Nullable C carrier, String name) {
    return carrier == null || (w3c && name.equals(TRACESTATE)) ? null : read(carrier, name);
  }

  @Override
  public Iterator<String> getAll(@Nullable C carrier, String name) {
    String value = get(carrier, name);
    return value == null ? List.<String>of().iterator() : List.of(value).iterator();
  }

  @Nullable
  String traceState(C carrier) {
    return read(carrier, TRACESTATE);
  }

  private @Nullable String read(C carrier, String name) {
    List<String> values = getter.getAll(carrier, name);
    if (values.isEmpty()) {
      return null;
    }
    if (name.equals(TRACESTATE) || name.equals(BAGGAGE)) {
      return String.join(",", values);
    }
    String value = values.get(0);
    return values.size() == 1 ? trimmed(value, 0, value.length()) : null;
  }

  /** Without the optional white space around it (RFC 9110, 5.6.3). */
  static String trimmed(String text, int from, int to) {
    int start = from;
    int end = to;
    while (start < end && isWhiteSpace(text.charAt(start))) {
      start++;
    }
    while (start < end && isWhiteSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isWhiteSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
