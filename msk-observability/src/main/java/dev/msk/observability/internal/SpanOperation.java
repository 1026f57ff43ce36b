package dev.msk.observability.internal;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
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

  private final Backend backend;
  private final Convention convention;
  private final OperationTimers timers;
  private final Span span;
  private final Context context;
  private final long startedAt;
  private String outcome = "";
  private String errorType = "";
  private boolean closed;

  SpanOperation(
      Backend backend, Convention convention, OperationTimers timers, Span span, Context context) {
    this.backend = backend;
    this.convention = convention;
    this.timers = timers;
    this.span = span;
    this.context = context;
    this.startedAt = backend.ticker().nanoTime();
  }

  @Override
  public TelemetryContext context() {
    return OtelContext.of(backend.propagation(), context);
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // handed to the caller, who closes it
  public Scope makeCurrent() {
    return context.makeCurrent()::close;
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
      if (span.isRecording()) {
        record(error);
      }
    }
    return this;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    long nanos = backend.ticker().nanoTime() - startedAt;
    boolean reported = !errorType.isEmpty();
    if (outcome.isEmpty()) {
      outcome = convention.defaultOutcome(reported);
    }
    if (!reported && convention.isError(outcome)) {
      errorType = outcome;
    }
    try {
      end(reported);
      timers.record(span, context, outcome, errorType, nanos);
    } catch (RuntimeException e) {
      backend.failed("ending an operation", e);
    }
  }

  private void end(boolean reported) {
    if (span.isRecording()) {
      AttributesBuilder last = Attributes.builder();
      SpanValues.put(last, convention.outcomeKey(), SpanValues.text(outcome));
      SpanValues.put(last, "error.type", errorType);
      span.setAllAttributes(last.build());
      if (!errorType.isEmpty() && !reported) {
        span.setStatus(StatusCode.ERROR);
      }
    }
    span.end();
  }

  private void record(Throwable error) {
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
      backend.failed("describing a " + errorType, e);
    }
  }
}
