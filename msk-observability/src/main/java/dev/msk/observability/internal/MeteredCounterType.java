package dev.msk.observability.internal;

import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import io.micrometer.core.instrument.Counter;

/** A counter as Micrometer's. */
public final class MeteredCounterType implements CounterType {

  private final Backend backend;
  private final CounterSpec spec;
  private final TagBounds bounds;
  private final BoundTuples<BoundCounter> bound;

  public MeteredCounterType(Backend backend, CounterSpec spec) {
    this.backend = backend;
    this.spec = spec;
    this.bounds = new TagBounds(backend, spec.name(), spec.tagKeys());
    this.bound = new BoundTuples<>(bounds, this::counter);
  }

  @Override
  public CounterSpec spec() {
    return spec;
  }

  @Override
  public BoundCounter bind(String... tagValues) {
    return bound.bind(tagValues);
  }

  private BoundCounter counter(TagTuple tuple) {
    Counter counter = Counter.builder(spec.name())
        .description(spec.description())
        .baseUnit(Units.base(spec.unit()))
        .tags(bounds.tags(tuple.values()))
        .register(backend.registry());
    return amount -> {
      if (amount > 0) {
        try {
          counter.increment((double) amount);
          if (tuple.beyond()) {
            bounds.dropped();
          }
        } catch (RuntimeException e) {
          backend.failed("counting " + spec.name(), e);
        }
      }
    };
  }
}
