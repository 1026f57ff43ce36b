package dev.msk.core.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Telemetry} that goes somewhere does. The test class of an adapter extends it. Needs JUnit Jupiter and
 * AssertJ.
 */
public abstract class TelemetryContract {

  private static final SpanRef SENDER =
      new SpanRef("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);
  private static final OperationSpec SPEC = OperationSpec.builder(
          "contract.operation", OperationKind.INTERNAL)
      .tags("queue")
      .build();

  /** For subclasses. */
  protected TelemetryContract() {}

  /**
   * The telemetry to test, which samples every span.
   *
   * @return the same object during one test
   */
  protected abstract Telemetry telemetry();

  @Test
  void bind_wrongNumberOfTagValues_isRefused() {
    OperationType type = telemetry().operation(SPEC);

    assertThatThrownBy(type::bind)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tagValues: 0 for contract.operation (expected: 1, one for each of [queue])");
  }

  @Test
  void bind_equalValues_givesTheSame() {
    OperationType type = telemetry().operation(SPEC);

    assertThat(type.bind("a")).isSameAs(type.bind("a")).isNotSameAs(type.bind("b"));
    assertThat(type.spec()).isEqualTo(SPEC);
  }

  @Test
  void register_sameNameOtherSpec_isRefused() {
    telemetry().operation(SPEC);
    OperationSpec other =
        OperationSpec.builder(SPEC.name(), OperationKind.CLIENT).build();

    telemetry().operation(SPEC);
    assertThatThrownBy(() -> telemetry().operation(other))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void start_inRoot_beginsATrace_andInAContextGoesOnWithIt() {
    BoundOperation bound = telemetry().operation(SPEC).bind("a");

    try (Operation first = bound.start(TelemetryContext.root());
        Operation second = bound.start(TelemetryContext.root());
        Operation child = bound.start(first.context())) {
      assertThat(span(second).traceId()).isNotEqualTo(span(first).traceId());
      assertThat(span(child).traceId()).isEqualTo(span(first).traceId());
      assertThat(span(child).spanId()).isNotEqualTo(span(first).spanId());
    }
  }

  @Test
  void makeCurrent_nests_andRestores() {
    BoundOperation bound = telemetry().operation(SPEC).bind("a");

    try (Operation outer = bound.start(telemetry().current());
        Scope outerScope = outer.makeCurrent()) {
      try (Operation inner = bound.start(telemetry().current());
          Scope innerScope = inner.makeCurrent()) {
        assertThat(telemetry().current().span()).contains(span(inner));
      }
      assertThat(telemetry().current().span()).contains(span(outer));
    }
    assertThat(telemetry().current().span()).isEmpty();
  }

  @Test
  void extract_ofInjected_isTheSendersContext() {
    BoundOperation bound = telemetry().operation(SPEC).bind("a");
    Map<String, String> headers = new HashMap<>();

    try (Operation sent = bound.start(TelemetryContext.root())) {
      sent.inject(headers, Map::put);

      assertThat(SpanRef.parse(headers.get("traceparent"))).contains(span(sent));
      assertThat(telemetry().extract(headers, Map::get).span()).contains(span(sent));
    }
  }

  @Test
  void extract_passesTraceStateOn() {
    BoundOperation bound = telemetry().operation(SPEC).bind("a");
    Map<String, String> headers = new HashMap<>();

    TelemetryContext incoming = telemetry()
        .extract(Map.of("traceparent", SENDER.traceparent(), "tracestate", "vendor=x"), Map::get);
    try (Operation received = bound.start(incoming, List.of(SENDER))) {
      received.inject(headers, Map::put);
    }

    assertThat(headers.get("tracestate")).contains("vendor=x");
    assertThat(headers.get("traceparent"))
        .contains(SENDER.traceId())
        .doesNotContain(SENDER.spanId());
  }

  @Test
  void extract_voidHeader_isTheRoot_andTheRootWritesNothing() {
    Map<String, String> headers = new HashMap<>(Map.of("traceparent", "00-void"));

    TelemetryContext context = telemetry().extract(headers, Map::get);
    headers.clear();
    context.inject(headers, Map::put);

    assertThat(context.span()).isEmpty();
    assertThat(headers).isEmpty();
  }

  @Test
  void operation_afterClose_takesAnythingAndThrowsNothing() {
    Operation operation = telemetry().operation(SPEC).bind("a").start(TelemetryContext.root());
    operation.close();

    operation
        .attribute("a", "b")
        .attribute("n", 1)
        .outcome("late")
        .error(new IllegalStateException());
    operation.close();
  }

  @Test
  void countersAndGauges_takeWhatTheyAreGiven() {
    BoundCounter counter = telemetry()
        .counter(CounterSpec.of("contract.counter", "", "{event}", "queue"))
        .bind("a");
    GaugeType gauge = telemetry().gauge(GaugeSpec.of("contract.gauge", "", "{event}"));

    counter.add(0);
    counter.add(-1);
    counter.add(Long.MAX_VALUE);
    GaugeType.Registration first = gauge.register(() -> 1);
    GaugeType.Registration second = gauge.register(() -> {
      throw new IllegalStateException("expected by the test");
    });
    second.close();
    first.close();
    first.close();
  }

  private static SpanRef span(Operation operation) {
    return operation.context().span().orElseThrow();
  }
}
