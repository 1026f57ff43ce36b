package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.TelemetryContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Contexts that wait as headers, in the row of a saga, in an outbox or in a queue, until another process goes on. */
final class StoredContextTest {

  private final Recorded before = new Recorded();
  private final Recorded after = new Recorded();
  private final MskTelemetry starting = MskTelemetry.of(before.sdk(), new SimpleMeterRegistry());
  private final MskTelemetry going = MskTelemetry.of(after.sdk(), new SimpleMeterRegistry());

  @AfterEach
  void close() {
    before.close();
    after.close();
  }

  @Test
  void stepOfAnotherProcess_isPartOfTheTraceThatStartedIt_traceStateIncluded() {
    Map<String, String> row = new HashMap<>();
    Map<String, String> call = new HashMap<>();
    TelemetryContext caller = starting.extract(
        Map.of(
            "traceparent",
            new SpanRef("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true).traceparent(),
            "tracestate",
            "0tenant@shop=7,vendor=x"),
        Map::get);
    try (Operation order = operation(starting, "shop.order.place").start(caller)) {
      order.inject(row, Map::put);
    }

    try (Operation step = operation(going, "shop.order.ship").start(going.extract(row, Map::get))) {
      step.inject(call, Map::put);
    }

    SpanData order = before.span("shop.order.place");
    SpanData step = after.span("shop.order.ship");
    assertThat(step.getTraceId()).isEqualTo(order.getTraceId());
    assertThat(step.getParentSpanId()).isEqualTo(order.getSpanId());
    assertThat(step.getParentSpanContext().isRemote()).isTrue();
    assertThat(call).containsEntry("tracestate", "0tenant@shop=7,vendor=x");
  }

  @Test
  void batch_isLinkedToTheTraceOfEachMessage_upTo128() {
    List<Map<String, String>> messages = new ArrayList<>();
    List<SpanRef> created = new ArrayList<>();
    for (int i = 0; i < 130; i++) {
      Map<String, String> headers = new HashMap<>();
      try (Operation publishing =
          operation(starting, "shop.publish").start(TelemetryContext.root())) {
        publishing.inject(headers, Map::put);
        created.add(publishing.context().span().orElseThrow());
      }
      messages.add(headers);
    }

    List<SpanRef> links = messages.stream()
        .flatMap(headers -> going.extract(headers, Map::get).span().stream())
        .toList();
    operation(going, "shop.batch").start(TelemetryContext.root(), links).close();

    SpanData batch = after.span("shop.batch");
    assertThat(links).isEqualTo(created);
    assertThat(batch.getParentSpanContext().isValid()).isFalse();
    assertThat(batch.getLinks())
        .extracting(LinkData::getSpanContext)
        .extracting(span -> span.getTraceId() + span.getSpanId())
        .containsExactlyElementsOf(created.subList(0, 128).stream()
            .map(span -> span.traceId() + span.spanId())
            .toList());
  }

  private static BoundOperation operation(MskTelemetry telemetry, String name) {
    return telemetry
        .operation(OperationSpec.builder(name, OperationKind.INTERNAL).build())
        .bind();
  }
}
