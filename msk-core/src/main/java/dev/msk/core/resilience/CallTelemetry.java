package dev.msk.core.resilience;

import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/** What a policy reports. Everything is bound ahead. Thread-safe. */
final class CallTelemetry implements AutoCloseable {

  private static final CounterSpec TRANSITIONS = CounterSpec.of(
      "msk.call.transitions", "Steps of calls", "{transition}", "service", "transition");
  private static final CounterSpec ATTEMPTS =
      CounterSpec.of("msk.call.attempts", "Attempts, by outcome", "{attempt}", "service", "kind");
  private static final CounterSpec FAILURES = CounterSpec.of(
      "msk.call.failures", "Calls that ended without an answer", "{call}", "service", "reason");
  private static final CounterSpec REFUSALS =
      CounterSpec.of("msk.call.refusals", "Attempts not let out", "{attempt}", "service", "reason");

  private final Telemetry telemetry;
  private final String service;
  private final EnumCounters<CallTransition> transitions;
  private final EnumCounters<Outcome.Kind> attempts;
  private final EnumCounters<Final> failures;
  private final EnumCounters<RefusalReason> refusals;
  private final List<GaugeType.Registration> gauges = new ArrayList<>();

  CallTelemetry(Telemetry telemetry, String service) {
    this.telemetry = telemetry;
    this.service = service;
    this.transitions = bind(TRANSITIONS, CallTransition.class);
    this.attempts = bind(ATTEMPTS, Outcome.Kind.class);
    this.failures = bind(FAILURES, Final.class);
    this.refusals = bind(REFUSALS, RefusalReason.class);
  }

  void moved(CallTransition transition) {
    transitions.count(transition);
  }

  void attempted(Outcome outcome) {
    attempts.count(outcome.kind());
  }

  void failed(Final reason) {
    failures.count(reason);
  }

  void refused(Refused refused) {
    refusals.count(refused.reason());
  }

  void gauge(String name, String description, String unit, DoubleSupplier reading) {
    gauges.add(telemetry
        .gauge(GaugeSpec.of(name, description, unit, "service"))
        .register(reading, service));
  }

  /** Takes the gauges out of use. */
  @Override
  public void close() {
    gauges.forEach(GaugeType.Registration::close);
  }

  private <E extends Enum<E>> EnumCounters<E> bind(CounterSpec spec, Class<E> type) {
    CounterType counter = telemetry.counter(spec);
    return new EnumCounters<>(type, value -> counter.bind(service, value.name()));
  }
}
