package dev.msk.core.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.core.internal.SpecChecks;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * Telemetry that keeps everything, for assertions. Every span is sampled; ids are counted, not random; contexts travel as W3C
 * {@code traceparent} and {@code tracestate}. Thread-safe.
 */
public final class RecordingTelemetry implements Telemetry {

  private final Map<String, Object> specs = new ConcurrentHashMap<>();
  private final Map<List<String>, LongAdder> counters = new ConcurrentHashMap<>();
  private final Map<List<String>, Deque<Reading>> gauges = new ConcurrentHashMap<>();
  private final List<RecordedOperation> ended = new CopyOnWriteArrayList<>();
  private final AtomicLong running = new AtomicLong();
  private final AtomicLong ids = new AtomicLong();
  private final ThreadLocal<TelemetryContext> current =
      ThreadLocal.withInitial(TelemetryContext::root);

  private RecordingTelemetry() {}

  /**
   * Telemetry that has recorded nothing yet.
   *
   * @return a recorder
   */
  public static RecordingTelemetry create() {
    return new RecordingTelemetry();
  }

  /**
   * What has ended, in the order of ending.
   *
   * @return a copy
   */
  public List<RecordedOperation> operations() {
    return List.copyOf(ended);
  }

  /**
   * What has ended of one kind, in the order of ending.
   *
   * @param name of its spec
   * @return a copy
   */
  public List<RecordedOperation> operations(String name) {
    return ended.stream().filter(operation -> operation.name().equals(name)).toList();
  }

  /**
   * How many operations have started and not ended: at the end of a test, zero.
   *
   * @return a number
   */
  public long runningOperations() {
    return running.get();
  }

  /**
   * What a counter has counted.
   *
   * @param name of its spec
   * @param tagValues in the order of its spec
   * @return the sum, zero if it was never bound
   */
  public long count(String name, String... tagValues) {
    LongAdder counter = counters.get(key(name, tagValues));
    return counter == null ? 0 : counter.sum();
  }

  /**
   * Reads a gauge.
   *
   * @param name of its spec
   * @param tagValues in the order of its spec
   * @return the reading registered last, empty if none is open
   */
  public OptionalDouble reading(String name, String... tagValues) {
    Deque<Reading> readings = gauges.get(key(name, tagValues));
    if (readings == null) {
      return OptionalDouble.empty();
    }
    Reading last;
    synchronized (readings) {
      last = readings.peekLast();
    }
    return last == null ? OptionalDouble.empty() : OptionalDouble.of(last.supplier.getAsDouble());
  }

  @Override
  public OperationType operation(OperationSpec spec) {
    register(spec.name(), spec);
    return new RecordingOperationType(spec);
  }

  @Override
  public CounterType counter(CounterSpec spec) {
    register(spec.name(), spec);
    return new RecordingCounterType(spec);
  }

  @Override
  public GaugeType gauge(GaugeSpec spec) {
    register(spec.name(), spec);
    return new RecordingGaugeType(spec);
  }

  @Override
  public TelemetryContext current() {
    return current.get();
  }

  @Override
  public <C> TelemetryContext extract(C carrier, HeaderGetter<C> getter) {
    List<String> parents = getter.getAll(carrier, "traceparent");
    String state = String.join(",", getter.getAll(carrier, "tracestate"));
    if (parents.size() != 1) {
      return TelemetryContext.root();
    }
    return SpanRef.parse(parents.get(0))
        .<TelemetryContext>map(span -> new RecordedContext(span, state))
        .orElse(TelemetryContext.root());
  }

  void makeCurrent(TelemetryContext context) {
    if (context == TelemetryContext.root()) {
      current.remove();
    } else {
      current.set(context);
    }
  }

  SpanRef newSpan(TelemetryContext parent) {
    long id = ids.incrementAndGet();
    String traceId = parent.span().map(SpanRef::traceId).orElseGet(() -> "%032x".formatted(id));
    return new SpanRef(traceId, "%016x".formatted(id), true);
  }

  void end(RecordedOperation operation) {
    ended.add(operation);
    running.decrementAndGet();
  }

  private void register(String name, Object spec) {
    Object taken = specs.putIfAbsent(name, spec);
    if (taken != null && !taken.equals(spec)) {
      throw new IllegalArgumentException(
          "name: " + name + " of " + spec + " (expected: as registered, " + taken + ")");
    }
  }

  private static List<String> key(String name, String... tagValues) {
    String[] key = Arrays.copyOf(tagValues, tagValues.length + 1);
    key[tagValues.length] = name;
    return List.of(key);
  }

  /** Compared by identity: one supplier may be registered twice. */
  private static final class Reading {

    private final DoubleSupplier supplier;

    Reading(DoubleSupplier supplier) {
      this.supplier = supplier;
    }
  }

  private final class RecordingOperationType implements OperationType {

    private final OperationSpec spec;
    private final Map<List<String>, BoundOperation> bound = new ConcurrentHashMap<>();

    RecordingOperationType(OperationSpec spec) {
      this.spec = spec;
    }

    @Override
    public OperationSpec spec() {
      return spec;
    }

    @Override
    public BoundOperation bind(String... tagValues) {
      SpecChecks.tagValues(spec.name(), spec.tagKeys(), tagValues);
      List<String> values = List.of(tagValues);
      return bound.computeIfAbsent(values, tags -> (parent, links) -> {
        requireNonNull(parent, "parent");
        running.incrementAndGet();
        return new RunningOperation(
            RecordingTelemetry.this, spec, tags, parent, List.copyOf(links));
      });
    }
  }

  private final class RecordingCounterType implements CounterType {

    private final CounterSpec spec;

    RecordingCounterType(CounterSpec spec) {
      this.spec = spec;
    }

    @Override
    public CounterSpec spec() {
      return spec;
    }

    @Override
    public BoundCounter bind(String... tagValues) {
      SpecChecks.tagValues(spec.name(), spec.tagKeys(), tagValues);
      LongAdder counter =
          counters.computeIfAbsent(key(spec.name(), tagValues), key -> new LongAdder());
      return amount -> counter.add(Math.max(0, amount));
    }
  }

  private final class RecordingGaugeType implements GaugeType {

    private final GaugeSpec spec;

    RecordingGaugeType(GaugeSpec spec) {
      this.spec = spec;
    }

    @Override
    public GaugeSpec spec() {
      return spec;
    }

    @Override
    public Registration register(DoubleSupplier reading, String... tagValues) {
      requireNonNull(reading, "reading");
      SpecChecks.tagValues(spec.name(), spec.tagKeys(), tagValues);
      Deque<Reading> readings =
          gauges.computeIfAbsent(key(spec.name(), tagValues), key -> new ArrayDeque<>());
      Reading own = new Reading(reading);
      synchronized (readings) {
        readings.addLast(own);
      }
      return () -> {
        synchronized (readings) {
          readings.remove(own);
        }
      };
    }
  }
}
