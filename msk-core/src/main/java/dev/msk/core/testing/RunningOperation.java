package dev.msk.core.testing;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.TelemetryContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An operation of {@link RecordingTelemetry} that has not ended. Guarded by itself. */
final class RunningOperation implements Operation {

  private final RecordingTelemetry telemetry;
  private final OperationSpec spec;
  private final Map<String, String> tags = new HashMap<>();
  private final Map<String, Object> attributes = new HashMap<>();
  private final Optional<SpanRef> parent;
  private final List<SpanRef> links;
  private final SpanRef span;
  private final TelemetryContext context;
  private @Nullable String outcome;
  private @Nullable Throwable error;
  private boolean closed;

  RunningOperation(
      RecordingTelemetry telemetry,
      OperationSpec spec,
      List<String> tagValues,
      TelemetryContext parent,
      List<SpanRef> links) {
    this.telemetry = telemetry;
    this.spec = spec;
    this.parent = parent.span();
    this.links = links;
    this.span = telemetry.newSpan(parent);
    String state = parent instanceof RecordedContext recorded ? recorded.traceState() : "";
    this.context = new RecordedContext(span, state);
    for (int i = 0; i < tagValues.size(); i++) {
      tags.put(spec.tagKeys().get(i), tagValues.get(i));
    }
  }

  @Override
  public TelemetryContext context() {
    return context;
  }

  @Override
  public Scope makeCurrent() {
    TelemetryContext previous = telemetry.current();
    telemetry.makeCurrent(context);
    boolean[] restored = new boolean[1];
    return () -> {
      if (!restored[0]) {
        restored[0] = true;
        telemetry.makeCurrent(previous);
      }
    };
  }

  @Override
  public Operation attribute(String key, String value) {
    return put(key, value);
  }

  @Override
  public Operation attribute(String key, long value) {
    return put(key, value);
  }

  @Override
  public synchronized Operation outcome(String outcome) {
    this.outcome = outcome;
    return this;
  }

  @Override
  public synchronized Operation error(Throwable error) {
    this.error = error;
    return this;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    String ended = outcome == null ? error == null ? "ok" : "error" : outcome;
    telemetry.end(new RecordedOperation(
        spec.name(),
        spec.kind(),
        tags,
        attributes,
        span,
        parent,
        links,
        ended,
        Optional.ofNullable(error)));
  }

  private synchronized Operation put(String key, Object value) {
    attributes.put(key, value);
    return this;
  }
}
