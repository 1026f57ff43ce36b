package dev.msk.observability;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.observability.internal.Backend;
import dev.msk.observability.internal.MeteredCounterType;
import dev.msk.observability.internal.MeteredGaugeType;
import dev.msk.observability.internal.OtelContext;
import dev.msk.observability.internal.SpanOperationType;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.context.Context;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/**
 * {@link Telemetry} as OpenTelemetry spans and Micrometer meters.
 *
 * <p>An operation becomes a span of its kind, with its tags and attributes, and a timer {@code <name>.duration} whose histogram
 * has the spec's buckets. How it ended is tag {@code outcome}, and {@code error.type} is the exception's class, empty without
 * one. Operations that OpenTelemetry's conventions know are reported by them: {@code http.server.request} is a span
 * {@code GET /orders/{id}} whose outcome is {@code http.response.status_code}, {@code rpc.server.call} one named for its method
 * with {@code rpc.response.status_code}, {@code messaging.process} is {@code process orders}, and an outcome that the convention
 * calls an error fails the span.
 *
 * <p>Meters are looked up once per tuple of tag values, not per operation. Bounds are those of {@link Telemetry}: what comes
 * after is reported under {@value Telemetry#OVERFLOW} and counted by {@code msk.telemetry.tags.dropped}, tag
 * {@code instrument}. An attribute keeps 1,024 characters, a stack trace 32,768. Exemplars carry the operation's own span.
 *
 * <p>Context travels by the propagators of the given OpenTelemetry, and by W3C {@code traceparent} and {@code tracestate} when
 * it has none, which is how an SDK is built by default. A repeated {@code traceparent} is void.
 *
 * <p>The current context is OpenTelemetry's own, so spans of other instrumentation become parents and children of ours. A
 * failing exporter or registry is logged, the first time as a warning, and reaches no caller. Thread-safe; no thread of its own.
 */
public final class MskTelemetry implements Telemetry {

  private final Backend backend;
  private final ConcurrentMap<String, Registered<?>> types = new ConcurrentHashMap<>();

  private MskTelemetry(Backend backend) {
    this.backend = backend;
  }

  /**
   * Telemetry measured by the system's ticker.
   *
   * @param openTelemetry makes spans; {@link OpenTelemetry#noop()} for metrics alone
   * @param registry keeps meters; both stay the caller's to close
   * @return telemetry for every block of the process
   */
  public static MskTelemetry of(OpenTelemetry openTelemetry, MeterRegistry registry) {
    return of(openTelemetry, registry, Ticker.system());
  }

  /**
   * Telemetry measured by another ticker.
   *
   * @param openTelemetry makes spans; {@link OpenTelemetry#noop()} for metrics alone
   * @param registry keeps meters
   * @param ticker measures durations
   * @return telemetry for every block of the process
   */
  public static MskTelemetry of(
      OpenTelemetry openTelemetry, MeterRegistry registry, Ticker ticker) {
    return new MskTelemetry(new Backend(
        requireNonNull(openTelemetry, "openTelemetry"),
        requireNonNull(registry, "registry"),
        requireNonNull(ticker, "ticker")));
  }

  @Override
  public OperationType operation(OperationSpec spec) {
    return register(
        spec.name(), spec, OperationType.class, name -> new SpanOperationType(backend, spec));
  }

  @Override
  public CounterType counter(CounterSpec spec) {
    return register(
        spec.name(), spec, CounterType.class, name -> new MeteredCounterType(backend, spec));
  }

  @Override
  public GaugeType gauge(GaugeSpec spec) {
    return register(
        spec.name(), spec, GaugeType.class, name -> new MeteredGaugeType(backend, spec));
  }

  @Override
  public TelemetryContext current() {
    return OtelContext.of(backend.propagation(), Context.current());
  }

  @Override
  public <C> TelemetryContext extract(C carrier, HeaderGetter<C> getter) {
    return backend.extract(carrier, getter);
  }

  private <T> T register(String name, Object spec, Class<T> kind, Function<String, T> factory) {
    Registered<?> registered =
        types.computeIfAbsent(name, key -> new Registered<>(spec, factory.apply(key)));
    if (!registered.spec.equals(spec)) {
      throw new IllegalArgumentException(
          "name: " + name + " of " + spec + " (expected: as registered, " + registered.spec + ")");
    }
    return kind.cast(registered.type);
  }

  private record Registered<T>(Object spec, T type) {}
}
