package dev.msk.benchmarks.observability;

import dev.msk.core.telemetry.OperationSpec;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The same operation as {@link Reported}, written for just this one with OpenTelemetry's API and a Micrometer timer found ahead. */
final class ByHand {

  private static final AttributeKey<String> REGION = AttributeKey.stringKey("region");
  private static final AttributeKey<String> CHANNEL = AttributeKey.stringKey("channel");
  private static final AttributeKey<String> TIER = AttributeKey.stringKey("tier");
  private static final AttributeKey<String> ORDER = AttributeKey.stringKey(Reported.ORDER);
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey(Reported.OUTCOME);

  private ByHand() {}

  /** A span, and no duration. */
  static Supplier<Object> span(Backends backends, Supplier<Object> work) {
    Tracer tracer = backends.openTelemetry().getTracer("hand");
    return () -> {
      Span span = start(tracer);
      try (Scope scope = span.makeCurrent()) {
        span.setAttribute(ORDER, Reported.NUMBER);
        Object answer = work.get();
        span.setAttribute(OUTCOME, Reported.ACCEPTED);
        return answer;
      } finally {
        span.end();
      }
    };
  }

  /** A duration, and no span. */
  static Supplier<Object> timer(Backends backends, Supplier<Object> work) {
    Timer timer = timer(backends);
    return () -> {
      long start = System.nanoTime();
      Object answer = work.get();
      timer.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
      return answer;
    };
  }

  /** Both, as an operation of ours is. */
  static Supplier<Object> spanAndTimer(Backends backends, Supplier<Object> work) {
    Tracer tracer = backends.openTelemetry().getTracer("hand");
    Timer timer = timer(backends);
    return () -> {
      long start = System.nanoTime();
      Span span = start(tracer);
      try (Scope scope = span.makeCurrent()) {
        span.setAttribute(ORDER, Reported.NUMBER);
        Object answer = work.get();
        span.setAttribute(OUTCOME, Reported.ACCEPTED);
        timer.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        return answer;
      } finally {
        span.end();
      }
    };
  }

  private static Span start(Tracer tracer) {
    return tracer
        .spanBuilder(Reported.NAME)
        .setSpanKind(SpanKind.SERVER)
        .setAttribute(REGION, "eu")
        .setAttribute(CHANNEL, "web")
        .setAttribute(TIER, "gold")
        .startSpan();
  }

  private static Timer timer(Backends backends) {
    return Timer.builder(Reported.NAME + ".duration")
        .tags("region", "eu", "channel", "web", "tier", "gold")
        .tags(Reported.OUTCOME, Reported.ACCEPTED, "error.type", "")
        .serviceLevelObjectives(OperationSpec.DEFAULT_BUCKETS.stream()
            .map(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
            .toArray(Duration[]::new))
        .register(backends.registry());
  }
}
