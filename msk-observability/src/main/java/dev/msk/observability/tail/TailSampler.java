package dev.msk.observability.tail;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/** Decides as another sampler does, and has what that leaves out recorded where the buffer can hold it. Thread-safe. */
final class TailSampler implements Sampler {

  private final Sampler head;
  private final TailBuffer buffer;

  TailSampler(Sampler head, TailBuffer buffer) {
    this.head = head;
    this.buffer = buffer;
  }

  @Override
  public SamplingResult shouldSample(
      Context parent,
      String traceId,
      String name,
      SpanKind kind,
      Attributes attributes,
      List<LinkData> links) {
    SamplingResult result = head.shouldSample(parent, traceId, name, kind, attributes, links);
    if (result.getDecision() != SamplingDecision.DROP) {
      return result;
    }
    SpanContext span = Span.fromContext(parent).getSpanContext();
    boolean isRoot = !span.isValid() || span.isRemote();
    boolean isHeld = isRoot ? buffer.hasRoom() : buffer.holds(span.getSpanId());
    if (!isHeld && (isRoot || !span.isSampled())) {
      buffer.drop(1);
    }
    return isHeld ? new Recorded(result) : result;
  }

  @Override
  public String getDescription() {
    return "TailSampler{" + head.getDescription() + "}";
  }

  @Override
  public String toString() {
    return getDescription();
  }

  private record Recorded(SamplingResult head) implements SamplingResult {

    @Override
    public SamplingDecision getDecision() {
      return SamplingDecision.RECORD_ONLY;
    }

    @Override
    public Attributes getAttributes() {
      return head.getAttributes();
    }

    @Override
    public TraceState getUpdatedTraceState(TraceState parentTraceState) {
      return head.getUpdatedTraceState(parentTraceState);
    }
  }
}
