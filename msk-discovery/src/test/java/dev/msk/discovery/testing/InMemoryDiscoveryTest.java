package dev.msk.discovery.testing;

import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;
import java.io.IOException;

final class InMemoryDiscoveryTest extends ServiceDiscoveryContract {

  private final InMemoryRegistry registry = InMemoryRegistry.create();

  @Override
  protected Registrar registrar() {
    return registry;
  }

  @Override
  protected ServiceDiscovery discovery() {
    return ServiceDiscovery.builder(registry).build();
  }

  @Override
  protected void cut() {
    registry.fail(new IOException("cut"));
  }

  @Override
  protected void restore() {
    registry.recover();
  }
}
