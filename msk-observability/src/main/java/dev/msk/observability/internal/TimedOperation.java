package dev.msk.observability.internal;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;

/**
 * A duration where no spans are made. The trace goes on as the caller has it, and a span of somebody else that is current in it is neither
 * changed nor ended. Used by one thread at a time.
 */
final class TimedOperation implements Operation {

  private static final Scope NOTHING_CHANGES = () -> {};

  private final OperationTimers timers;
  private final Context context;
  private final long startedAt;
  private String outcome = "";
  private String errorType = "";
  private boolean closed;

  TimedOperation(OperationTimers timers, Context context) {
    this.timers = timers;
    this.context = context;
    this.startedAt = timers.backend().nanoTime();
  }

  @Override
  public TelemetryContext context() {
    return OtelContext.of(timers.backend().propagation(), context);
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // handed to the caller, who closes it
  public Scope makeCurrent() {
    return context == Context.current() ? NOTHING_CHANGES : new CurrentScope(context.makeCurrent());
  }

  @Override
  public Operation attribute(String key, String value) {
    return this;
  }

  @Override
  public Operation attribute(String key, long value) {
    return this;
  }

  @Override
  public Operation outcome(String outcome) {
    if (!closed) {
      this.outcome = outcome;
    }
    return this;
  }

  @Override
  public Operation error(Throwable error) {
    if (!closed) {
      errorType = error.getClass().getName();
    }
    return this;
  }

  /** Only a call: C2 inlines no more into the handler that a {@code try} with resources has, and what it does not inline keeps the operation on the heap. */
  @Override
  public void close() {
    finish();
  }

  private void finish() {
    if (!closed) {
      closed = true;
      end(timers, context, outcome, errorType, startedAt);
    }
  }

  /** Is given what an operation knows, and not the operation, so that the compiler may do without one. */
  private static void end(
      OperationTimers timers,
      Context context,
      String outcome,
      String reportedError,
      long startedAt) {
    long nanos = timers.backend().endNanoTime() - startedAt;
    Convention convention = timers.convention();
    String ended = convention.outcome(outcome, reportedError);
    try {
      timers.record(
          Span.fromContext(context),
          context,
          ended,
          convention.errorType(ended, reportedError),
          nanos);
    } catch (RuntimeException e) {
      timers.backend().failed("ending an operation", e);
    }
  }
}
