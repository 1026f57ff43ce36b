package dev.msk.observability.internal;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;

/** A running span and the duration beside it. Used by one thread at a time. */
final class SpanOperation implements Operation {

  private static final AttributeKey<String> EXCEPTION_TYPE =
      AttributeKey.stringKey("exception.type");
  private static final AttributeKey<String> EXCEPTION_MESSAGE =
      AttributeKey.stringKey("exception.message");
  private static final AttributeKey<String> EXCEPTION_STACKTRACE =
      AttributeKey.stringKey("exception.stacktrace");

  private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

  private final OperationTimers timers;
  private final Span span;
  private final Context context;
  private final long startedAt;
  private String outcome = "";
  private String errorType = "";
  private boolean closed;

  SpanOperation(OperationTimers timers, Span span, Context context) {
    this.timers = timers;
    this.span = span;
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
    return new CurrentScope(context.makeCurrent());
  }

  @Override
  public Operation attribute(String key, String value) {
    if (!closed) {
      span.setAttribute(key, SpanValues.text(value));
    }
    return this;
  }

  @Override
  public Operation attribute(String key, long value) {
    if (!closed) {
      span.setAttribute(key, value);
    }
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
      record(timers, span, error);
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
      end(timers, span, context, outcome, errorType, startedAt);
    }
  }

  /** Is given what an operation knows, and not the operation, so that the compiler may do without one. */
  private static void end(
      OperationTimers timers,
      Span span,
      Context context,
      String outcome,
      String reportedError,
      long startedAt) {
    long nanos = timers.backend().endNanoTime() - startedAt;
    Convention convention = timers.convention();
    String ended = convention.outcome(outcome, reportedError);
    String errorType = convention.errorType(ended, reportedError);
    try {
      end(span, convention, ended, errorType, !reportedError.isEmpty());
      timers.record(span, context, ended, errorType, nanos);
    } catch (RuntimeException e) {
      timers.backend().failed("ending an operation", e);
    }
  }

  private static void end(
      Span span, Convention convention, String outcome, String errorType, boolean reported) {
    if (span.isRecording()) {
      SpanValues.setOutcome(span, convention, outcome);
      if (!errorType.isEmpty()) {
        span.setAttribute(ERROR_TYPE, errorType);
      }
      if (!errorType.isEmpty() && !reported) {
        span.setStatus(StatusCode.ERROR);
      }
    }
    span.end();
  }

  private static void record(OperationTimers timers, Span span, Throwable error) {
    if (!span.isRecording()) {
      return;
    }
    String errorType = error.getClass().getName();
    try {
      String message = error.getMessage();
      String text = message == null ? "" : SpanValues.text(message);
      span.setStatus(StatusCode.ERROR, text);
      span.addEvent(
          "exception",
          Attributes.of(
              EXCEPTION_TYPE,
              errorType,
              EXCEPTION_MESSAGE,
              text,
              EXCEPTION_STACKTRACE,
              SpanValues.stackTrace(error)));
    } catch (RuntimeException e) {
      span.setStatus(StatusCode.ERROR);
      timers.backend().failed("describing a " + errorType, e);
    }
  }
}
