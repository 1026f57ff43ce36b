package dev.msk.core.lifecycle;

import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;

/** What a lifecycle reports. Thread-safe. */
final class LifecycleTelemetry {

  private final Telemetry telemetry;
  private final String lifecycle;
  private final OperationType steps;
  private final CounterType transitions;

  LifecycleTelemetry(Telemetry telemetry, String lifecycle) {
    this.telemetry = telemetry;
    this.lifecycle = lifecycle;
    this.steps =
        telemetry.operation(OperationSpec.builder("msk.lifecycle.step", OperationKind.INTERNAL)
            .description("Start, drain or stop of one part")
            .tags("lifecycle", "part", "step")
            .buckets(.01, .05, .1, .5, 1, 2.5, 5, 10, 30, 60)
            .build());
    this.transitions = telemetry.counter(CounterSpec.of(
        "msk.lifecycle.transitions",
        "Changes of phase",
        "{transition}",
        "lifecycle",
        "transition"));
  }

  Operation begin(Part part, String step) {
    return steps.bind(lifecycle, part.name, step).start(telemetry.current());
  }

  void moved(LifecycleTransition transition) {
    transitions.bind(lifecycle, transition.name()).add(1);
  }
}
