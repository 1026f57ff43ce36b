package dev.msk.saga.internal;

import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaRow;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** What coordinators report. Steps go on in the trace in which their saga was started. Thread-safe. */
public final class SagaTelemetry {

  private final Telemetry telemetry;
  private final OperationType steps;
  private final CounterType transitions;
  private final BoundCounter fenced;
  private final BoundCounter takenOver;
  private final GaugeType running;

  public SagaTelemetry(Telemetry telemetry) {
    this.telemetry = telemetry;
    this.steps = telemetry.operation(OperationSpec.builder("msk.saga.step", OperationKind.INTERNAL)
        .description("One attempt at a step of a saga, or at its compensation")
        .tags("saga", "step", "direction")
        .build());
    this.transitions = telemetry.counter(CounterSpec.of(
        "msk.saga.transitions", "Arrows that sagas took", "{transition}", "saga", "transition"));
    this.fenced = telemetry
        .counter(CounterSpec.of(
            "msk.saga.fenced", "Writes refused because another node has the saga", "{write}"))
        .bind();
    this.takenOver = telemetry
        .counter(
            CounterSpec.of("msk.saga.taken.over", "Sagas taken from nodes that are gone", "{saga}"))
        .bind();
    this.running = telemetry.gauge(
        GaugeSpec.of("msk.saga.running", "Sagas that this node works on now", "{saga}"));
  }

  Operation step(SagaRow row) {
    Map<String, String> headers = new HashMap<>();
    put(headers, "traceparent", row.origin().traceParent());
    put(headers, "tracestate", row.origin().traceState());
    TelemetryContext parent = telemetry.extract(headers, Map::get);
    String direction = row.status() == SagaStatus.COMPENSATING ? "back" : "forward";
    return steps
        .bind(row.definition().name(), Objects.requireNonNullElse(row.step(), ""), direction)
        .start(parent)
        .attribute("saga.id", row.id().toString())
        .attribute("saga.attempt", row.attempts() + 1L);
  }

  /** The flow and the trace in which a saga is being started. */
  public SagaOrigin origin(@Nullable String correlationId) {
    Map<String, String> headers = new HashMap<>();
    telemetry.current().inject(headers, Map::put);
    return new SagaOrigin(correlationId, headers.get("traceparent"), headers.get("tracestate"));
  }

  void moved(SagaRow row, SagaTransition transition) {
    transitions.bind(row.definition().name(), transition.name()).add(1);
  }

  void fenced() {
    fenced.add(1);
  }

  void takenOver(int sagas) {
    takenOver.add(sagas);
  }

  GaugeType.Registration running(DoubleSupplier reading) {
    return running.register(reading);
  }

  private static void put(Map<String, String> headers, String name, @Nullable String value) {
    if (value != null) {
      headers.put(name, value);
    }
  }
}
