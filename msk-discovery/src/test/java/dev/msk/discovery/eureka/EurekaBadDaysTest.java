package dev.msk.discovery.eureka;

import static java.util.concurrent.TimeUnit.SECONDS;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Registration;
import dev.msk.discovery.baddays.BadDaysContract;
import dev.msk.discovery.baddays.RegistryFront;
import dev.msk.discovery.baddays.RegistryFront.Answer;
import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.TcpProxy.Direction;
import dev.msk.localservers.junit.WithServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A real Eureka. */
@WithServers
final class EurekaBadDaysTest extends BadDaysContract {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final EurekaServer eureka;
  private final EurekaRegistry registrar;
  private final Map<Instance, Registration> listed = new LinkedHashMap<>();
  private final RegistryFront front;
  private final TcpProxy proxy;

  EurekaBadDaysTest(EurekaServer eureka) throws IOException {
    this.eureka = eureka;
    this.registrar = open(QuickEureka.builder(eureka.url(), workers).build());
    this.front = open(RegistryFront.to(eureka.url()));
    this.proxy = open(TcpProxy.to("127.0.0.1", front.port()));
  }

  @Override
  protected DiscoverySource source() {
    return open(QuickEureka.builder(URI.create("http://" + proxy.address() + "/eureka"), workers)
        .build());
  }

  /** Eureka knows no transactions: while it changes, whoever looks has to wait. */
  @Override
  protected void list(String service, List<Instance> instances) throws Exception {
    proxy.stall(Direction.TO_SERVER);
    for (Instance instance : instances) {
      if (!listed.containsKey(instance)) {
        Registration registration = registrar.register(instance);
        registration.registered().toCompletableFuture().get(60, SECONDS);
        listed.put(instance, registration);
      }
    }
    listed.entrySet().removeIf(entry -> {
      boolean gone =
          entry.getKey().service().equals(service) && !instances.contains(entry.getKey());
      if (gone) {
        entry.getValue().close();
      }
      return gone;
    });
    proxy.restore();
  }

  @Override
  protected void cut() {
    proxy.cut();
  }

  @Override
  protected void restore() {
    proxy.restore();
  }

  @Override
  protected boolean isTold() {
    return false;
  }

  /** The delta does not name the change, as when Eureka has forgotten it: the hash tells that something is missing, and everything is fetched. */
  @Override
  protected void changeUntold(ThrowingRunnable change) throws Exception {
    front.onAnswer(EurekaBadDaysTest::withoutChanges);
    change.run();
  }

  private static Answer withoutChanges(Answer answer) {
    if (!answer.question().endsWith("/apps/delta")) {
      return answer;
    }
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(answer.body());
      ((ObjectNode) root.get("applications")).putArray("application");
      return answer.withBody(JSON.writeValueAsBytes(root));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected List<String> registration() {
    return List.of("eureka", eureka.url().toString());
  }

  @Override
  protected void terminating(String service, Instance staying, Instance leaving) {
    throw new AssertionError("an instance says itself that it drains");
  }
}
