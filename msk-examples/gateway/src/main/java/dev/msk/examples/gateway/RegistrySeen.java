package dev.msk.examples.gateway;

import dev.msk.discovery.ServiceDiscovery;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthCheck;
import java.util.List;

/**
 * Up once the registry has told of every service that there is a route to, be it that nobody is there:
 * when it is away later, what it told is enough.
 */
final class RegistrySeen implements HealthCheck {

  private final ServiceDiscovery discovery;
  private final List<String> services;

  RegistrySeen(ServiceDiscovery discovery, List<Route> routes) {
    this.discovery = discovery;
    this.services = routes.stream().map(Route::service).distinct().toList();
  }

  @Override
  public Health check() {
    boolean seen =
        services.stream().allMatch(service -> discovery.current(service).asOf() != null);
    return seen ? Health.up() : Health.down("the registry has not answered yet");
  }
}
