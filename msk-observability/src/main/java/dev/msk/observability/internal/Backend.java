package dev.msk.observability.internal;

import dev.msk.core.Ticker;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.observability.BaggageBoundary;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where all types of one telemetry send what they are told, and how a failure there is kept from the caller. */
public final class Backend {

  private static final Logger log = LoggerFactory.getLogger("dev.msk.observability.MskTelemetry");

  private final Tracer tracer;
  private final boolean withoutSpans;
  private final Propagation propagation;
  private final MeterRegistry registry;
  private final Ticker ticker;
  private final @Nullable WindowClock clock;
  private final @Nullable Boolean callSpans;
  private final JavaAgent agent;
  private final AtomicBoolean warned;

  /** Spans of calls are made if that is said, and if nothing is said unless the Java agent makes them. */
  public Backend(
      OpenTelemetry openTelemetry,
      MeterRegistry registry,
      Ticker ticker,
      @Nullable Boolean callSpans) {
    this.tracer = openTelemetry.getTracer("dev.msk");
    this.withoutSpans = openTelemetry.getTracerProvider() == TracerProvider.noop();
    this.propagation = new Propagation(openTelemetry.getPropagators().getTextMapPropagator(), this);
    this.registry = registry;
    this.ticker = ticker;
    this.clock = registry.config().clock() instanceof WindowClock window ? window : null;
    this.callSpans = callSpans;
    this.agent = JavaAgent.ofThisProcess();
    this.warned = new AtomicBoolean();
  }

  private Backend(Backend inside, BaggageBoundary boundary) {
    this.tracer = inside.tracer;
    this.withoutSpans = inside.withoutSpans;
    this.propagation = inside.propagation.across(boundary, this);
    this.registry = inside.registry;
    this.ticker = inside.ticker;
    this.clock = inside.clock;
    this.callSpans = inside.callSpans;
    this.agent = inside.agent;
    this.warned = inside.warned;
  }

  /** The same for peers on the other side of a boundary. */
  public Backend outside(BaggageBoundary boundary) {
    return new Backend(this, boundary);
  }

  boolean makesSpans(Convention convention) {
    if (!convention.isCall()) {
      return true;
    }
    return callSpans == null ? !agent.reports(convention) : callSpans;
  }

  Tracer tracer() {
    return tracer;
  }

  /** Whether it makes no spans: then one would only say again which trace it is in. */
  boolean isWithoutSpans() {
    return withoutSpans;
  }

  public Propagation propagation() {
    return propagation;
  }

  MeterRegistry registry() {
    return registry;
  }

  /** When an operation begins. */
  long nanoTime() {
    return ticker.nanoTime();
  }

  /** When one ends; what is read for it serves the registry too. */
  long endNanoTime() {
    long now = ticker.nanoTime();
    if (clock != null) {
      clock.passed(now);
    }
    return now;
  }

  public <C> TelemetryContext extract(C carrier, HeaderGetter<C> getter) {
    return OtelContext.of(propagation, propagation.extract(carrier, getter));
  }

  /** Says that the first measurement of an instrument is beyond its bounds. */
  void tagsDropped(String instrument, String why) {
    log.warn(
        "Telemetry: {}, {}; reported as {}, like all that come after: they are counted by msk.telemetry.tags.dropped",
        instrument,
        why,
        Telemetry.OVERFLOW);
  }

  /** Says that reporting failed: once loudly, then at debug level. */
  void failed(String what, Throwable error) {
    if (warned.compareAndSet(false, true)) {
      log.warn("Telemetry: {} failed; further failures are logged at debug level", what, error);
    } else {
      log.debug("Telemetry: {} failed", what, error);
    }
  }
}
