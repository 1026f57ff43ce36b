package dev.msk.discovery.eureka;

import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.ServiceDiscoveryContract;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;

@WithServers
final class EurekaDiscoveryTest extends ServiceDiscoveryContract {

  private final Workers workers = new Workers();
  private final TcpProxy proxy;
  private final EurekaRegistry registrar;
  private final EurekaRegistry source;
  private final ServiceDiscovery discovery;

  EurekaDiscoveryTest(EurekaServer eureka) {
    this.proxy = TcpProxy.to(eureka.host(), eureka.port());
    this.registrar = QuickEureka.builder(eureka.url(), workers).build();
    this.source = QuickEureka.builder(URI.create("http://" + proxy.address() + "/eureka/"), workers)
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
