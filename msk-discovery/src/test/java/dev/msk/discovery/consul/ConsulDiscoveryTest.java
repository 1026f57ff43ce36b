package dev.msk.discovery.consul;

import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.ServiceDiscoveryContract;
import dev.msk.localservers.ConsulServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;

@WithServers
final class ConsulDiscoveryTest extends ServiceDiscoveryContract {

  private final Workers workers = new Workers();
  private final TcpProxy proxy;
  private final ConsulRegistry registrar;
  private final ConsulRegistry source;
  private final ServiceDiscovery discovery;

  ConsulDiscoveryTest(ConsulServer consul) {
    this.proxy = TcpProxy.to(consul.host(), consul.port());
    this.registrar = QuickConsul.builder(consul.httpUri(), workers).build();
    this.source = QuickConsul.builder(URI.create("http://" + proxy.address() + "/"), workers)
        .build();
    this.discovery = ServiceDiscovery.builder(source).build();
  }

  @AfterEach
  void close() {
    discovery.close();
    source.close();
    registrar.close();
    workers.close();
    proxy.close();
  }

  @Override
  protected Registrar registrar() {
    return registrar;
  }

  @Override
  protected ServiceDiscovery discovery() {
    return discovery;
  }

  @Override
  protected void cut() {
    proxy.cut();
  }

  @Override
  protected void restore() {
    proxy.restore();
  }
}
