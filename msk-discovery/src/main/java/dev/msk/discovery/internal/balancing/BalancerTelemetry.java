package dev.msk.discovery.internal.balancing;

import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Instance.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What a balancer reports. Thread-safe. */
final class BalancerTelemetry {

  private final GaugeType endpoints;
  private final GaugeType panic;
  private final CounterType ejections;

  BalancerTelemetry(Telemetry telemetry) {
    this.endpoints = telemetry.gauge(GaugeSpec.of(
        "discovery.balancer.instances",
        "Instances of a service by state, as the balancer sees them",
        "{instance}",
        "service",
        "state"));
    this.panic = telemetry.gauge(GaugeSpec.of(
        "discovery.balancer.panic",
        "1 while so few instances of a service are healthy that health is ignored",
        "1",
        "service"));
    this.ejections = telemetry.counter(CounterSpec.of(
        "discovery.balancer.ejections",
        "Instances of a service that were taken out since their calls failed",
        "{ejection}",
        "service",
        "cause"));
  }

  BoundCounter ejections(String service, String cause) {
    return ejections.bind(service, cause);
  }

  /** Begins to report a service; what comes back ends it. */
  Runnable gauges(String service, Supplier<Lineup> lineup) {
    List<GaugeType.Registration> open = new ArrayList<>();
    for (State state : State.values()) {
      open.add(endpoints.register(
          () -> lineup.get().all().stream()
              .filter(endpoint -> !endpoint.isEjected() && endpoint.state() == state)
              .count(),
          service,
          state.name().toLowerCase(Locale.ROOT)));
    }
    open.add(endpoints.register(
        () -> lineup.get().all().stream().filter(Endpoint::isEjected).count(), service, "ejected"));
    open.add(panic.register(() -> lineup.get().panic() ? 1 : 0, service));
    return () -> open.forEach(GaugeType.Registration::close);
  }
}
