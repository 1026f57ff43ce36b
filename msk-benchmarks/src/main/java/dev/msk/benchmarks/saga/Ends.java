package dev.msk.benchmarks.saga;

import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.saga.SagaTransition;

/** Hears, as metrics do, which sagas' last moves have been committed, and nothing else. */
final class Ends implements Telemetry {

  private final Telemetry nothing = Telemetry.noop();
  private final Runnable ended;

  Ends(Runnable ended) {
    this.ended = ended;
  }

  @Override
  public CounterType counter(CounterSpec spec) {
    return spec.name().equals("msk.saga.transitions")
        ? new Transitions(spec, amount -> ended.run(), amount -> {})
        : nothing.counter(spec);
  }

  @Override
  public OperationType operation(OperationSpec spec) {
    return nothing.operation(spec);
  }

  @Override
  public GaugeType gauge(GaugeSpec spec) {
    return nothing.gauge(spec);
  }

  @Override
  public TelemetryContext current() {
    return nothing.current();
  }

  @Override
  public <C> TelemetryContext extract(C carrier, HeaderGetter<C> getter) {
    return nothing.extract(carrier, getter);
  }

  private record Transitions(CounterSpec spec, BoundCounter end, BoundCounter other)
      implements CounterType {

    @Override
    public BoundCounter bind(String... tagValues) {
      return tagValues[1].equals(SagaTransition.COMPLETE.name()) ? end : other;
    }
  }
}
