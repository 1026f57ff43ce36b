package dev.msk.core.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.TelemetryContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordingTelemetryTest {

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final BoundOperation publish = telemetry
      .operation(OperationSpec.builder("publish", OperationKind.PRODUCER)
          .tags("outbox")
          .build())
      .bind("orders");

  @Test
  void operation_ended_isRecordedWithAllItWasTold() {
    IllegalStateException failure = new IllegalStateException("broker");
    SpanRef link = new SpanRef("1".repeat(32), "2".repeat(16), true);

    try (Operation operation = publish.start(TelemetryContext.root(), List.of(link))) {
      operation.attribute("event.id", "e1").attribute("bytes", 12).error(failure);
      assertThat(telemetry.runningOperations()).isOne();
    }

    assertThat(telemetry.runningOperations()).isZero();
    RecordedOperation recorded = telemetry.operations("publish").get(0);
    assertThat(recorded.tags()).isEqualTo(Map.of("outbox", "orders"));
    assertThat(recorded.attributes()).isEqualTo(Map.of("event.id", "e1", "bytes", 12L));
    assertThat(recorded.parent()).isEmpty();
    assertThat(recorded.links()).containsExactly(link);
    assertThat(recorded.outcome()).isEqualTo("error");
    assertThat(recorded.error()).containsSame(failure);
  }

  @Test
  void close_twice_isRecordedOnce() {
    Operation operation = publish.start(TelemetryContext.root());
    operation.close();
    operation.close();

    assertThat(telemetry.operations()).hasSize(1);
    assertThat(telemetry.runningOperations()).isZero();
  }

  @Test
  void makeCurrent_nests() {
    try (Operation outer = publish.start(telemetry.current());
        Scope outerScope = outer.makeCurrent()) {
      try (Operation inner = publish.start(telemetry.current());
          Scope innerScope = inner.makeCurrent()) {
        assertThat(telemetry.current()).isSameAs(inner.context());
      }
      assertThat(telemetry.current()).isSameAs(outer.context());
    }

    assertThat(telemetry.current()).isSameAs(TelemetryContext.root());
    List<RecordedOperation> ended = telemetry.operations();
    assertThat(ended.get(0).parent()).contains(ended.get(1).span());
    assertThat(ended.get(0).span().traceId()).isEqualTo(ended.get(1).span().traceId());
  }

  @Test
  void extract_ofInjected_isTheSendersSpan() {
    Map<String, String> headers = new HashMap<>(Map.of("tracestate", "a=1"));
    TelemetryContext incoming = telemetry.extract(
        Map.of(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "tracestate",
            "vendor=x"),
        Map::get);

    Operation operation = publish.start(incoming);
    operation.inject(headers, Map::put);
    operation.close();

    assertThat(headers).containsEntry("tracestate", "vendor=x");
    assertThat(telemetry.extract(headers, Map::get).span())
        .isEqualTo(operation.context().span());
    assertThat(telemetry.operations().get(0).span().traceId())
        .isEqualTo("0af7651916cd43dd8448eb211c80319c");
  }

  @Test
  void extract_repeatedTraceparent_isTheRoot() {
    HeaderGetter<List<String>> getter = new HeaderGetter<>() {
      @Override
      public @Nullable String get(List<String> carrier, String name) {
        return carrier.get(0);
      }

      @Override
      public List<String> getAll(List<String> carrier, String name) {
        return name.equals("traceparent") ? carrier : List.of();
      }
    };
    String header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    assertThat(telemetry.extract(List.of(header, header), getter))
        .isSameAs(TelemetryContext.root());
    assertThat(telemetry.extract(List.of(header), getter).span()).isPresent();
  }

  @Test
  void register_sameNameOtherSpec_isRefused() {
    telemetry.counter(CounterSpec.of("sent", "Sent.", "{event}"));

    telemetry.counter(CounterSpec.of("sent", "Sent.", "{event}"));
    assertThatThrownBy(
            () -> telemetry.counter(CounterSpec.of("sent", "Sent.", "{event}", "outbox")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("name: sent of CounterSpec");
  }

  @Test
  void count_addsUpPerTags() {
    var sent = telemetry.counter(CounterSpec.of("sent", "Sent.", "{event}", "outbox"));
    sent.bind("orders").add(2);
    sent.bind("orders").add(3);
    sent.bind("orders").add(-7);

    assertThat(telemetry.count("sent", "orders")).isEqualTo(5);
    assertThat(telemetry.count("sent", "payments")).isZero();
  }

  @Test
  void reading_isOfTheLastOpenRegistration() {
    GaugeType backlog = telemetry.gauge(GaugeSpec.of("backlog", "Waiting.", "{event}"));
    assertThat(telemetry.reading("backlog")).isEmpty();

    GaugeType.Registration first = backlog.register(() -> 1);
    GaugeType.Registration second = backlog.register(() -> 2);
    assertThat(telemetry.reading("backlog")).hasValue(2);

    second.close();
    second.close();
    assertThat(telemetry.reading("backlog")).hasValue(1);

    first.close();
    assertThat(telemetry.reading("backlog")).isEmpty();
  }
}
