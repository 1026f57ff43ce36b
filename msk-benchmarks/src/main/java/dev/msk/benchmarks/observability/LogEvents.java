package dev.msk.benchmarks.observability;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What there is to be logged: a line as services write it with each request, and one of a request that failed. */
final class LogEvents {

  static final String LOGGER = "shop.orders.OrderDesk";
  static final String MESSAGE = "Order 4711 accepted: 3 pieces of SKU-1 for customer alice";
  static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  static final String SPAN = "b7ad6b7169203331";

  private static final int DEPTH = 30;

  private LogEvents() {}

  /** An event of this thread with the ids of a trace, where OpenTelemetry's agent leaves them. */
  static ILoggingEvent accepted(LoggerContext context) {
    return event(context, Level.INFO, null);
  }

  /** The same with an exception that has a cause, both thrown below thirty calls. */
  static ILoggingEvent failed(LoggerContext context) {
    return event(context, Level.ERROR, failure(DEPTH));
  }

  private static LoggingEvent event(
      LoggerContext context, Level level, @Nullable Throwable failure) {
    LoggingEvent event = new LoggingEvent(
        LogEvents.class.getName(),
        context.getLogger(LOGGER),
        level,
        "Order {} accepted: {} pieces of {} for customer {}",
        failure,
        new Object[] {4711, 3, "SKU-1", "alice"});
    event.setMDCPropertyMap(Map.of("trace_id", TRACE, "span_id", SPAN));
    return event;
  }

  private static Throwable failure(int depth) {
    return depth > 0
        ? failure(depth - 1)
        : new IllegalStateException("order not stored", refusal(DEPTH));
  }

  private static Throwable refusal(int depth) {
    return depth > 0 ? refusal(depth - 1) : new IllegalArgumentException("no such customer");
  }
}
