package dev.msk.saga.internal;

import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.BoundOperation;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What coordinators report. Steps go on in the trace in which their saga was started, or, once the saga is older than a trace is to last, are linked to
 * it. Thread-safe.
 */
public final class SagaTelemetry {

  private final Telemetry telemetry;
  private final Duration traceFor;
  private final InstantSource clock;
  private final OperationType steps;
  private final CounterType transitions;
  private final BoundCounter fenced;
  private final BoundCounter takenOver;
  private final GaugeType running;

  public SagaTelemetry(Telemetry telemetry, Duration traceFor, InstantSource clock) {
    this.telemetry = telemetry;
    this.traceFor = traceFor;
    this.clock = clock;
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
    TelemetryContext origin = telemetry.extract(headers, Map::get);
    String direction = row.status() == SagaStatus.COMPENSATING ? "back" : "forward";
    BoundOperation step =
        steps.bind(row.definition().name(), Objects.requireNonNullElse(row.step(), ""), direction);
    Operation attempt = isWithinItsTrace(row)
        ? step.start(origin)
        : step.start(TelemetryContext.root(), origin.span().stream().toList());
    return attempt
        .attribute("saga.id", row.id().toString())
        .attribute("saga.attempt", row.attempts() + 1L);
  }

  private boolean isWithinItsTrace(SagaRow row) {
    Duration age = Duration.between(row.createdAt(), clock.instant());
    return !traceFor.isZero() && age.compareTo(traceFor) < 0;
  }

  /** When a saga begins that goes on before its row, which has the database's time, has been read. */
  Instant now() {
    return clock.instant();
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
