package dev.msk.observability.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/** A gauge as Micrometer's: one meter per tuple of tags, as long as a reading of it is open. Guarded by itself. */
public final class MeteredGaugeType implements GaugeType {

  private final Backend backend;
  private final GaugeSpec spec;
  private final TagBounds bounds;
  private final Map<List<String>, Series> series = new HashMap<>();

  public MeteredGaugeType(Backend backend, GaugeSpec spec) {
    this.backend = backend;
    this.spec = spec;
    this.bounds = new TagBounds(backend, spec.name(), spec.tagKeys());
  }

  @Override
  public GaugeSpec spec() {
    return spec;
  }

  @Override
  public Registration register(DoubleSupplier reading, String... tagValues) {
    requireNonNull(reading, "reading");
    TagTuple wanted = bounds.bounded(tagValues);
    Reading own = new Reading(reading);
    List<String> values = open(wanted, own);
    return () -> close(values, own);
  }

  private synchronized List<String> open(TagTuple wanted, Reading own) {
    TagTuple tuple = wanted;
    if (!series.containsKey(tuple.values()) && series.size() >= Telemetry.MAX_TAG_TUPLES) {
      bounds.warnOfTuples(
          series.keySet().stream().map(values -> new TagTuple(values, false)).toList());
      tuple = bounds.overflow();
    }
    if (tuple.beyond()) {
      bounds.dropped();
    }
    series.computeIfAbsent(tuple.values(), Series::new).readings.add(own);
    return tuple.values();
  }

  private synchronized void close(List<String> values, Reading own) {
    Series open = series.get(values);
    if (open != null && open.readings.remove(own) && open.readings.isEmpty()) {
      series.remove(values);
      backend.registry().remove(open.meter);
    }
  }

  private final class Series {

    private final List<Reading> readings = new CopyOnWriteArrayList<>();
    private final Meter meter;

    Series(List<String> tagValues) {
      this.meter = Gauge.builder(spec.name(), this, Series::read)
          .description(spec.description())
          .baseUnit(Units.base(spec.unit()))
          .tags(bounds.tags(tagValues))
          .strongReference(true)
          .register(backend.registry());
    }

    private double read() {
      List<Reading> open = new ArrayList<>(readings);
      if (open.isEmpty()) {
        return Double.NaN;
      }
      try {
        return open.get(open.size() - 1).supplier.getAsDouble();
      } catch (RuntimeException e) {
        backend.failed("reading " + spec.name(), e);
        return Double.NaN;
      }
    }
  }

  /** Compared by identity: one supplier may be registered twice. */
  private static final class Reading {

    private final DoubleSupplier supplier;

    Reading(DoubleSupplier supplier) {
      this.supplier = supplier;
    }
  }
}
