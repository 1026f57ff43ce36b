package dev.msk.observability.logback;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.msk.core.CallContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/** Which trace and which business flow a log line belongs to. */
record LogContext(
    @Nullable String traceId,
    @Nullable String spanId,
    @Nullable String correlationId) {

  static final String TRACE_ID = "trace.id";
  static final String SPAN_ID = "span.id";
  static final String CORRELATION_ID = "correlation_id";

  /** What is current on this thread. */
  static LogContext current() {
    SpanContext span = Span.current().getSpanContext();
    return new LogContext(
        span.isValid() ? span.getTraceId() : null,
        span.isValid() ? span.getSpanId() : null,
        CallContext.current().correlationId().orElse(null));
  }

  /**
   * What an event carries, as {@link CaptureContext} or OpenTelemetry's agent left it, and else what is current, if this is still
   * the thread that logged.
   */
  static LogContext of(ILoggingEvent event) {
    Map<String, String> mdc = event.getMDCPropertyMap();
    String traceId = first(value(event, TRACE_ID), mdc.get("trace_id"));
    String spanId = first(value(event, SPAN_ID), mdc.get("span_id"));
    String correlationId = first(value(event, CORRELATION_ID), mdc.get(CORRELATION_ID));
    if (isHere(event) && (traceId == null || spanId == null || correlationId == null)) {
      LogContext current = current();
      traceId = first(traceId, current.traceId);
      spanId = first(spanId, current.spanId);
      correlationId = first(correlationId, current.correlationId);
    }
    return new LogContext(traceId, spanId, correlationId);
  }

  private static boolean isHere(ILoggingEvent event) {
    return Thread.currentThread().getName().equals(event.getThreadName());
  }

  /** Whether a key is written elsewhere than among the labels. */
  static boolean isOwn(String key) {
    return switch (key) {
      case TRACE_ID, SPAN_ID, CORRELATION_ID, "trace_id", "span_id", "trace_flags" -> true;
      default -> false;
    };
  }

  private static @Nullable String value(ILoggingEvent event, String key) {
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      for (KeyValuePair pair : pairs) {
        if (key.equals(pair.key) && pair.value instanceof String text) {
          return text;
        }
      }
    }
    return null;
  }

  private static @Nullable String first(@Nullable String one, @Nullable String other) {
    return isThere(one) ? one : isThere(other) ? other : null;
  }

  private static boolean isThere(@Nullable String value) {
    return value != null && !value.isEmpty();
  }
}
