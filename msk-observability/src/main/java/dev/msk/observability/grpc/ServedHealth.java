package dev.msk.observability.grpc;

import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthGroup;
import dev.msk.observability.health.HealthStatus;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What gRPC's health service says of each name. Thread-safe. */
final class ServedHealth {

  private final HealthChecks checks;
  private final Map<String, HealthGroup> services;
  private volatile boolean stopped;

  ServedHealth(HealthChecks checks, Map<String, HealthGroup> services) {
    this.checks = checks;
    this.services = Collections.unmodifiableMap(new LinkedHashMap<>(services));
  }

  Set<String> services() {
    return services.keySet();
  }

  @Nullable
  HealthGroup group(String service) {
    return services.get(service);
  }

  ServingStatus status(HealthGroup group) {
    boolean up = checks.report(group).status() == HealthStatus.UP;
    boolean leaving = stopped && group == HealthGroup.READINESS;
    return up && !leaving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  /** Readiness is over, whatever the checks say. */
  void stop() {
    stopped = true;
  }
}
