package dev.msk.observability.tail;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;

/** Passes on spans that are sampled, and of the others those whose local root is kept. Thread-safe. */
final class TailProcessor implements SpanProcessor {

  private final SpanProcessor next;
  private final TailBuffer buffer;
  private final long slowNanos;

  TailProcessor(SpanProcessor next, TailBuffer buffer, long slowNanos) {
    this.next = next;
    this.buffer = buffer;
    this.slowNanos = slowNanos;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {
    if (next.isStartRequired()) {
      next.onStart(parent, span);
    }
    SpanContext context = span.getSpanContext();
    if (!context.isSampled()) {
      if (isLocalRoot(span)) {
        buffer.startRoot(context.getSpanId());
      } else {
        buffer.start(context.getSpanId(), span.getParentSpanContext().getSpanId());
      }
    }
  }

  @Override
  public boolean isStartRequired() {
    return true;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (span.getSpanContext().isSampled()) {
      if (next.isEndRequired()) {
        next.onEnd(span);
      }
      return;
    }
    SpanData data = span.toSpanData();
    boolean isKept = data.getStatus().getStatusCode() == StatusCode.ERROR
        || (isLocalRoot(span) && span.getLatencyNanos() > slowNanos);
    for (SpanData kept : buffer.end(data, isKept)) {
      next.onEnd(new KeptSpan(kept));
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  /** What is held then has not ended; it is forgotten. */
  @Override
  public CompletableResultCode shutdown() {
    return next.shutdown();
  }

  @Override
  public CompletableResultCode forceFlush() {
    return next.forceFlush();
  }

  private static boolean isLocalRoot(ReadableSpan span) {
    SpanContext parent = span.getParentSpanContext();
    return !parent.isValid() || parent.isRemote();
  }
}
