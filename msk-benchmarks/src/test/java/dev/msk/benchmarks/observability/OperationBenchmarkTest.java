package dev.msk.benchmarks.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.observability.Backends.Level;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperationBenchmarkTest {

  @ParameterizedTest
  @EnumSource
  void contenders_doTheWork_andLeaveNothingCurrent(Level level) {
    for (String contender : Operations.contenders(level).values()) {
      try (Backends backends = Backends.of(level, new DiscardedSpans())) {
        Supplier<Object> call = OperationBenchmark.of(contender, backends, () -> "answer");

        assertThat(call.get()).as(contender).isEqualTo("answer");
        assertThat(Span.current()).as(contender).isSameAs(Span.getInvalid());
      }
    }
  }

  @Test
  void sampledSpan_isTheSame_whoeverMakesIt() {
    for (String contender : Operations.contenders(Level.SAMPLED).values()) {
      InMemorySpanExporter exporter = InMemorySpanExporter.create();
      List<SpanData> spans;
      List<SpanContext> current = new ArrayList<>();
      try (Backends backends = Backends.of(Level.SAMPLED, exporter)) {
        Supplier<Object> call = OperationBenchmark.of(
            contender, backends, () -> current.add(Span.current().getSpanContext()));
        assertThat(call.get()).as(contender).isEqualTo(true);
        spans = sent(backends, exporter);
      }

      assertThat(spans).as(contender).hasSize(1);
      assertThat(spans.get(0).getSpanId())
          .as(contender + ": current while the work is done")
          .isEqualTo(current.get(0).getSpanId());
      assertThat(spans.get(0).getAttributes().asMap())
          .as(contender)
          .containsAllEntriesOf(Map.of(
              AttributeKey.stringKey("region"), "eu",
              AttributeKey.stringKey("channel"), "web",
              AttributeKey.stringKey("tier"), "gold",
              AttributeKey.stringKey("order.id"), "4711",
              AttributeKey.stringKey("outcome"), "accepted"));
    }
  }

  @Test
  void unsampledSpan_isMade_andNotSent() {
    for (String contender : Operations.contenders(Level.UNSAMPLED).values()) {
      InMemorySpanExporter exporter = InMemorySpanExporter.create();
      List<SpanData> spans;
      List<SpanContext> current = new ArrayList<>();
      try (Backends backends = Backends.of(Level.UNSAMPLED, exporter)) {
        Supplier<Object> call = OperationBenchmark.of(
            contender, backends, () -> current.add(Span.current().getSpanContext()));
        assertThat(call.get()).as(contender).isEqualTo(true);
        spans = sent(backends, exporter);
      }

      assertThat(current.get(0).isValid()).as(contender).isTrue();
      assertThat(current.get(0).isSampled()).as(contender).isFalse();
      assertThat(spans).as(contender).isEmpty();
    }
  }

  /** But for the least that is measured, which is no meter, and for a span without one. */
  @ParameterizedTest
  @EnumSource(names = {"METRICS", "UNSAMPLED", "SAMPLED"})
  void duration_isTheSame_whoeverMeasuresIt(Level level) {
    Operations.contenders(level).forEach((name, contender) -> {
      boolean hasNone = contender.equals("opentelemetry")
          || (level == Level.METRICS && name.equals(Rounds.FLOOR));
      try (Backends backends = Backends.of(level, new DiscardedSpans())) {
        assertThat(OperationBenchmark.of(contender, backends, () -> "answer").get())
            .isEqualTo("answer");

        List<Timer> timers = backends.registry().getMeters().stream()
            .filter(Timer.class::isInstance)
            .map(Timer.class::cast)
            .toList();
        assertThat(timers).as(name).hasSize(hasNone ? 0 : 1).allSatisfy(timer -> {
          assertThat(timer.count()).isEqualTo(1);
          assertThat(timer.getId().getName()).startsWith("shop.order");
          assertThat(timer.getId().getTag("region")).isEqualTo("eu");
          assertThat(timer.getId().getTag("outcome")).isEqualTo("accepted");
          assertThat(timer.takeSnapshot().histogramCounts())
              .extracting(bucket -> bucket.bucket(TimeUnit.MILLISECONDS))
              .contains(5., 10., 10_000.);
        });
      }
    });
  }

  /** As long as the exporter is open, which forgets them with its end. */
  private static List<SpanData> sent(Backends backends, InMemorySpanExporter exporter) {
    OpenTelemetrySdk sdk = (OpenTelemetrySdk) backends.openTelemetry();
    assertThat(
            sdk.getSdkTracerProvider().forceFlush().join(10, TimeUnit.SECONDS).isSuccess())
        .isTrue();
    return exporter.getFinishedSpanItems();
  }
}
