package dev.msk.saga.choreography;

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
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What choreographies report. Timers go on in the trace of the event that began their instance. Thread-safe. */
final class ChoreographyTelemetry {

  private final Telemetry telemetry;
  private final OperationType reactions;
  private final CounterType inputs;
  private final CounterType stopped;
  private final GaugeType instances;
  private final GaugeType kept;
  private final GaugeType late;

  ChoreographyTelemetry(Telemetry telemetry) {
    this.telemetry = telemetry;
    this.reactions =
        telemetry.operation(OperationSpec.builder("msk.choreography.react", OperationKind.INTERNAL)
            .description("A participant is told of an event or a timer")
            .tags("participant", "input")
            .build());
    this.inputs = telemetry.counter(CounterSpec.of(
        "msk.choreography.inputs", "What became of inputs", "{input}", "participant", "result"));
    this.stopped = telemetry.counter(CounterSpec.of(
        "msk.choreography.flows.stopped", "Flows that stopped half way", "{flow}", "flow"));
    this.instances = telemetry.gauge(GaugeSpec.of(
        "msk.choreography.instances", "Instances", "{instance}", "participant", "status"));
    this.kept = telemetry.gauge(GaugeSpec.of(
        "msk.choreography.kept",
        "Inputs kept for instances that cannot take them yet",
        "{input}",
        "participant",
        "status"));
    this.late = telemetry.gauge(GaugeSpec.of(
        "msk.choreography.timers.late",
        "How long ago the timer should have fired that is late most",
        "s",
        "participant"));
  }

  Operation event(InstanceRow row, Pending input) {
    return named(reactions.bind(row.participant(), input.name()).start(telemetry.current()), row);
  }

  Operation timer(InstanceRow row, Pending input) {
    Map<String, String> headers = new HashMap<>();
    put(headers, "traceparent", row.origin().traceParent());
    put(headers, "tracestate", row.origin().traceState());
    TelemetryContext origin = telemetry.extract(headers, Map::get);
    return named(reactions.bind(row.participant(), input.name()).start(origin), row);
  }

  /** The flow and the trace in which an instance begins. */
  InstanceRow.Origin origin(String correlationId) {
    Map<String, String> headers = new HashMap<>();
    telemetry.current().inject(headers, Map::put);
    return new InstanceRow.Origin(
        correlationId, headers.get("traceparent"), headers.get("tracestate"));
  }

  void took(String participant, Taken result, int inputs) {
    this.inputs.bind(participant, result.tag()).add(inputs);
  }

  void stopped(String flow) {
    stopped.bind(flow).add(1);
  }

  List<GaugeType.Registration> gauges(Collection<String> participants, Supplier<Survey> survey) {
    List<GaugeType.Registration> gauges = new ArrayList<>();
    for (String name : participants) {
      for (InstanceStatus status : InstanceStatus.values()) {
        Survey.Group group = new Survey.Group(name, status);
        gauges.add(instances.register(
            () -> survey.get().count().getOrDefault(group, 0L), name, status.name()));
      }
      for (InstanceStatus status : List.of(InstanceStatus.WAITING, InstanceStatus.QUARANTINED)) {
        Survey.Group group = new Survey.Group(name, status);
        gauges.add(
            kept.register(() -> survey.get().kept().getOrDefault(group, 0L), name, status.name()));
      }
      gauges.add(late.register(() -> survey.get().late().getOrDefault(name, 0.0), name));
    }
    return gauges;
  }

  private static Operation named(Operation operation, InstanceRow row) {
    return operation.attribute("choreography.key", row.key());
  }

  private static void put(Map<String, String> headers, String name, @Nullable String value) {
    if (value != null) {
      headers.put(name, value);
    }
  }
}
