package dev.msk.discovery.testing;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;

final class InMemoryRegistryTest extends RegistryContract {

  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final ServiceDiscovery discovery = ServiceDiscovery.builder(registry).build();

  @Override
  protected Registrar registrar() {
    return registry;
  }

  @Override
  protected ServiceDiscovery discovery() {
    return discovery;
  }

  @Override
  protected void forget(Instance instance) {
    registry.forget(instance);
    registry.heartbeat();
  }

  @Override
  protected boolean knows(Instance instance) {
    try (ServiceDiscovery fresh = ServiceDiscovery.builder(registry).build()) {
      return fresh.current(instance.service()).instances().contains(instance);
    }
  }
}
