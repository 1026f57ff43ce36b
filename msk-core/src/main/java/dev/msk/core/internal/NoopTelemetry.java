package dev.msk.core.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.HeaderSetter;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** Telemetry that goes nowhere: shared constants, no allocation once bound, the same checks as the real thing. */
public final class NoopTelemetry implements Telemetry {

  /** The only instance. */
  public static final Telemetry INSTANCE = new NoopTelemetry();

  /** The root context of every telemetry. */
  public static final TelemetryContext ROOT = new Root();

  private static final Scope SCOPE = () -> {};
  private static final Operation OPERATION = new NoopOperation();
  private static final BoundOperation BOUND = (parent, links) -> OPERATION;
  private static final BoundCounter COUNTER = amount -> {};
  private static final GaugeType.Registration REGISTRATION = () -> {};

  private NoopTelemetry() {}

  @Override
  public OperationType operation(OperationSpec spec) {
    return new NoopOperationType(requireNonNull(spec, "spec"));
  }

  @Override
  public CounterType counter(CounterSpec spec) {
    return new NoopCounterType(requireNonNull(spec, "spec"));
  }

  @Override
  public GaugeType gauge(GaugeSpec spec) {
    return new NoopGaugeType(requireNonNull(spec, "spec"));
  }

  @Override
  public TelemetryContext current() {
    return ROOT;
  }

  @Override
  public <C> TelemetryContext extract(C carrier, HeaderGetter<C> getter) {
    return ROOT;
  }

  private record NoopOperationType(OperationSpec spec) implements OperationType {

    @Override
    public BoundOperation bind(String... tagValues) {
      SpecChecks.tagValues(spec.name(), spec.tagKeys(), tagValues);
      return BOUND;
    }
  }

  private record NoopCounterType(CounterSpec spec) implements CounterType {

    @Override
    public BoundCounter bind(String... tagValues) {
      SpecChecks.tagValues(spec.name(), spec.tagKeys(), tagValues);
      return COUNTER;
    }
  }

  private record NoopGaugeType(GaugeSpec spec) implements GaugeType {

    @Override
    public Registration register(DoubleSupplier reading, String... tagValues) {
      requireNonNull(reading, "reading");
      SpecChecks.tagValues(spec.name(), spec.tagKeys(), tagValues);
      return REGISTRATION;
    }
  }

  private static final class Root implements TelemetryContext {

    @Override
    public Optional<SpanRef> span() {
      return Optional.empty();
    }

    @Override
    public <C> void inject(C carrier, HeaderSetter<C> setter) {}

    @Override
    public String toString() {
      return "TelemetryContext[root]";
    }
  }

  private static final class NoopOperation implements Operation {

    @Override
    public TelemetryContext context() {
      return ROOT;
    }

    @Override
    public Scope makeCurrent() {
      return SCOPE;
    }

    @Override
    public Operation attribute(String key, String value) {
      return this;
    }

    @Override
    public Operation attribute(String key, long value) {
      return this;
    }

    @Override
    public Operation outcome(String outcome) {
      return this;
    }

    @Override
    public Operation error(Throwable error) {
      return this;
    }

    @Override
    public void close() {}
  }
}
