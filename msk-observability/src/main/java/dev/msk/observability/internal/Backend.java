package dev.msk.observability.internal;

import dev.msk.core.Ticker;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.TelemetryContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where all types of one telemetry send what they are told, and how a failure there is kept from the caller. */
public final class Backend {

  private static final Logger log = LoggerFactory.getLogger("dev.msk.observability.MskTelemetry");

  private final Tracer tracer;
  private final Propagation propagation;
  private final MeterRegistry registry;
  private final Ticker ticker;
  private final AtomicBoolean warned = new AtomicBoolean();

  public Backend(OpenTelemetry openTelemetry, MeterRegistry registry, Ticker ticker) {
    this.tracer = openTelemetry.getTracer("dev.msk");
    this.propagation = new Propagation(openTelemetry.getPropagators().getTextMapPropagator(), this);
    this.registry = registry;
    this.ticker = ticker;
  }

  Tracer tracer() {
    return tracer;
  }

  public Propagation propagation() {
    return propagation;
  }

  MeterRegistry registry() {
    return registry;
  }

  Ticker ticker() {
    return ticker;
  }

  public <C> TelemetryContext extract(C carrier, HeaderGetter<C> getter) {
    return OtelContext.of(propagation, propagation.extract(carrier, getter));
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
