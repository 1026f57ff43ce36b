package dev.msk.observability.logback;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Keeps with a log event the trace and the correlation id that are current when it is logged, for an appender that writes on
 * another thread. Make it the filter of an {@code AsyncAppender}; it lets every event pass. {@link CountingAsyncAppender} needs none. Made by Logback. Thread-safe.
 */
public final class CaptureContext extends Filter<ILoggingEvent> {

  /** Made by Logback, from its configuration. */
  public CaptureContext() {}

  /**
   * Keeps what is current.
   *
   * @param event that is logged
   * @return always neutral
   */
  @Override
  public FilterReply decide(ILoggingEvent event) {
    keepIn(event);
    return FilterReply.NEUTRAL;
  }

  static void keepIn(ILoggingEvent event) {
    if (event instanceof LoggingEvent open) {
      LogContext current = LogContext.current();
      keep(open, LogContext.TRACE_ID, current.traceId());
      keep(open, LogContext.SPAN_ID, current.spanId());
      keep(open, LogContext.CORRELATION_ID, current.correlationId());
    }
  }

  private static void keep(LoggingEvent event, String key, @Nullable String value) {
    if (value != null) {
      event.addKeyValuePair(new KeyValuePair(key, value));
    }
  }
}
