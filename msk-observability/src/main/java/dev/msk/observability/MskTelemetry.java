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
import dev.msk.observability.internal.SemconvOptIn;
import dev.msk.observability.internal.SpanOperationType;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.context.Context;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
 * after is reported under {@value Telemetry#OVERFLOW}, the first time of a spec with a warning, and each measurement of it is counted
 * once by {@code msk.telemetry.tags.dropped}, tag {@code instrument}. An attribute keeps 1,024 characters, a stack trace 32,768. Exemplars carry the operation's own span.
 *
 * <p>Context travels by the propagators of the given OpenTelemetry, and by W3C {@code traceparent} and {@code tracestate} when
 * it has none, which is how an SDK is built by default: baggage does not travel unless somebody asked for it, and to peers
 * outside only through {@link #outside}. {@code traceparent} and {@code tracestate} are those of W3C Trace Context level 2, in
 * full.
 *
 * <p>Beside OpenTelemetry's Java agent, HTTP requests, RPCs and messages are its spans: ours are then parts of them, and only
 * durations are measured, see {@link Builder#callSpans}. Names are those of the newest conventions, whatever
 * {@code OTEL_SEMCONV_STABILITY_OPT_IN} says.
 *
 * <p>The current context is OpenTelemetry's own, so spans of other instrumentation become parents and children of ours. A
 * failing exporter or registry is logged, the first time as a warning, and reaches no caller. Thread-safe; no thread of its own.
 */
public final class MskTelemetry implements Telemetry {

  private final Backend backend;
  private final @Nullable MskTelemetry inside;
  private final ConcurrentMap<String, Registered<?>> types = new ConcurrentHashMap<>();

  private MskTelemetry(Backend backend, @Nullable MskTelemetry inside) {
    this.backend = backend;
    this.inside = inside;
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
    return builder(openTelemetry, registry).ticker(ticker).build();
  }

  /**
   * Starts telemetry that is measured by the system's ticker, whose calls are spans unless the Java agent makes them.
   *
   * @param openTelemetry makes spans; {@link OpenTelemetry#noop()} for metrics alone, and that of {@code
   *     GlobalOpenTelemetry.get()} beside the Java agent
   * @param registry keeps meters; both stay the caller's to close
   * @return a builder
   */
  public static Builder builder(OpenTelemetry openTelemetry, MeterRegistry registry) {
    return new Builder(
        requireNonNull(openTelemetry, "openTelemetry"), requireNonNull(registry, "registry"));
  }

  /**
   * This telemetry for calls from and to peers outside: partners, clients, whoever is not trusted with what services tell one
   * another. Of the baggage only what the boundary lists comes in or goes out, by the header {@code baggage} also where the
   * propagators know none; the trace goes on. Spans and meters are the same.
   *
   * <p>For example {@code HttpTelemetry.of(telemetry.outside(BaggageBoundary.closed()), "https")} at a gateway.
   *
   * @param boundary what may cross
   * @return telemetry for those calls; keep it
   */
  public MskTelemetry outside(BaggageBoundary boundary) {
    return new MskTelemetry(backend.outside(requireNonNull(boundary, "boundary")), this);
  }

  @Override
  public OperationType operation(OperationSpec spec) {
    return register(
        spec.name(), spec, OperationType.class, name -> new SpanOperationType(backend, spec));
  }

  @Override
  public CounterType counter(CounterSpec spec) {
    return inside == null
        ? register(
            spec.name(), spec, CounterType.class, name -> new MeteredCounterType(backend, spec))
        : inside.counter(spec);
  }

  @Override
  public GaugeType gauge(GaugeSpec spec) {
    return inside == null
        ? register(spec.name(), spec, GaugeType.class, name -> new MeteredGaugeType(backend, spec))
        : inside.gauge(spec);
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

  /** Collects the optional parts of a telemetry. Confined to one thread. */
  public static final class Builder {

    private final OpenTelemetry openTelemetry;
    private final MeterRegistry registry;
    private Ticker ticker = Ticker.system();
    private @Nullable Boolean callSpans;

    private Builder(OpenTelemetry openTelemetry, MeterRegistry registry) {
      this.openTelemetry = openTelemetry;
      this.registry = registry;
    }

    /**
     * Sets what measures durations; the system's ticker by default.
     *
     * @param value measures durations
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Sets whether HTTP requests, RPCs and messages are spans of ours. By default they are, but for what OpenTelemetry's Java
     * agent reports, if it is in this JVM and its settings do not tell it to leave {@code java-http-server},
     * {@code java-http-client}, {@code grpc} or {@code kafka} alone. Without spans their durations are still measured, headers
     * still written, and what happens within them is part of the agent's span, or of the sender's. Everything else that blocks
     * do is a span in any case.
     *
     * @param value true beside an agent that does not know the servers and clients in use; false beside another agent
     * @return this
     */
    public Builder callSpans(boolean value) {
      this.callSpans = value;
      return this;
    }

    /**
     * Builds the telemetry.
     *
     * @return telemetry for every block of the process
     */
    public MskTelemetry build() {
      SemconvOptIn.ofThisProcess().warnOfOldNames();
      return new MskTelemetry(new Backend(openTelemetry, registry, ticker, callSpans), null);
    }
  }
}
