package dev.msk.benchmarks.observability;

import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import java.util.function.Supplier;

/** The same operation as {@link Reported}, by Micrometer's Observation and its bridge to OpenTelemetry. */
final class Observed {

  private static final KeyValues TAGS =
      KeyValues.of("region", "eu", "channel", "web", "tier", "gold");

  private Observed() {}

  static Supplier<Object> by(Backends backends, Supplier<Object> work) {
    ObservationRegistry registry = registry(backends);
    return () -> {
      Observation observation = Observation.createNotStarted(Reported.NAME, registry)
          .lowCardinalityKeyValues(TAGS)
          .start();
      try (Observation.Scope scope = observation.openScope()) {
        observation.highCardinalityKeyValue(Reported.ORDER, Reported.NUMBER);
        Object answer = work.get();
        observation.lowCardinalityKeyValue(Reported.OUTCOME, Reported.ACCEPTED);
        return answer;
      } finally {
        observation.stop();
      }
    };
  }

  private static ObservationRegistry registry(Backends backends) {
    if (backends.level() == Backends.Level.OFF) {
      return ObservationRegistry.NOOP;
    }
    ObservationRegistry registry = ObservationRegistry.create();
    registry
        .observationConfig()
        .observationHandler(new DefaultMeterObservationHandler(backends.registry()));
    if (backends.level() != Backends.Level.METRICS) {
      OtelTracer tracer = new OtelTracer(
          backends.openTelemetry().getTracer("bridge"), new OtelCurrentTraceContext(), event -> {});
      registry.observationConfig().observationHandler(new DefaultTracingObservationHandler(tracer));
    }
    return registry;
  }
}
