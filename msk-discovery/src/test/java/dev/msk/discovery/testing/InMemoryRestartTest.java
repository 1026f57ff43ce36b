package dev.msk.discovery.testing;

import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;
import java.io.IOException;

final class InMemoryRestartTest extends RegistryRestartContract {

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
  protected void crash() {
    registry.fail(new IOException("crashed"));
  }

  @Override
  protected void restart() {
    registry.restart();
  }
}
