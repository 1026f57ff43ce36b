package dev.msk.discovery.consul;

import static dev.msk.discovery.Eventually.eventually;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.RegistryRestartContract;
import dev.msk.localservers.ConsulServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A real Consul that is killed and forgets, and lets checks run out. */
final class ConsulOutageTest extends RegistryRestartContract {

  private final ConsulServer consul;
  private final Workers workers = new Workers();
  private final ConsulRegistry registry;
  private final ServiceDiscovery discovery;

  ConsulOutageTest() {
    String missing = ConsulServer.missing().orElse("");
    assumeTrue(missing.isEmpty(), missing);
    this.consul = ConsulServer.builder().name("consul-outage").start();
    this.registry = QuickConsul.builder(consul.httpUri(), workers).build();
    this.discovery = ServiceDiscovery.builder(registry).build();
  }

  @AfterEach
  void close() {
    discovery.close();
    registry.close();
    workers.close();
    consul.close();
  }

  @Override
  protected Registrar registrar() {
    return registry;
  }

  @Override
  protected ServiceDiscovery discovery() {
    return discovery;
  }

  @Override
  protected void crash() {
    consul.kill();
  }

  @Override
  protected void restart() {
    consul.restart();
  }

  @Test
  void instanceWithoutBeat_isDownWhenItsTimeIsOver() throws Exception {
    Workers dying = new Workers();
    ConsulRegistry process = QuickConsul.builder(consul.httpUri(), dying)
        .heartbeat(Duration.ofMillis(400), Duration.ofSeconds(1))
        .build();
    Instance instance = Instance.builder("payments", "127.0.0.1", 7001).build();
    process.register(instance).registered().toCompletableFuture().get(60, TimeUnit.SECONDS);
    eventually("up", () -> seen().equals(List.of(instance)));

    dying.close();

    eventually("down", () -> seen().equals(List.of(instance.withState(State.DOWN))));
  }

  private List<Instance> seen() {
    return discovery.current("payments").instances();
  }
}
