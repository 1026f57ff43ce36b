package dev.msk.discovery.consul;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.Registration;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.RegistryContract;
import dev.msk.localservers.ConsulServer;
import dev.msk.localservers.junit.WithServers;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithServers
final class ConsulRegistryTest extends RegistryContract {

  private final ConsulServer consul;
  private final Workers workers = new Workers();
  private final ConsulRegistry registry;
  private final ServiceDiscovery discovery;
  private final String service = "consul-" + UUID.randomUUID();

  ConsulRegistryTest(ConsulServer consul) {
    this.consul = consul;
    this.registry = QuickConsul.builder(consul.httpUri(), workers).build();
    this.discovery = ServiceDiscovery.builder(registry).build();
  }

  @AfterEach
  void close() {
    discovery.close();
    registry.close();
    workers.close();
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
  protected void forget(Instance instance) {
    consul.api("PUT", "/v1/agent/service/deregister/" + ConsulJson.encoded(instance.id()), "");
  }

  @Override
  protected boolean knows(Instance instance) {
    return consul.api("GET", "/v1/agent/services", "").contains('"' + instance.id() + '"');
  }

  @Test
  void registeredByOthers_isReadWithConsulsDefaults() throws Exception {
    consul.api("PUT", "/v1/agent/service/register", """
        {"ID": "theirs", "Name": "%s", "Port": 8080, "Weights": {"Passing": 3, "Warning": 1}}""".formatted(service));

    eventually("seen", () -> !seen().isEmpty());

    Instance theirs = seen().get(0);
    assertThat(theirs.id()).endsWith("/theirs").isNotEqualTo("/theirs");
    assertThat(theirs)
        .returns("127.0.0.1", Instance::host)
        .returns(8080, Instance::port)
        .returns(300, Instance::weight)
        .returns(false, Instance::tls)
        .returns(Instance.UNKNOWN, Instance::version)
        .returns(State.UP, Instance::state);
    consul.api("PUT", "/v1/agent/service/deregister/theirs", "");
  }

  @Test
  void withoutAPort_cannotBeCalled_andIsLeftOut() throws Exception {
    consul.api("PUT", "/v1/agent/service/register", """
        {"ID": "portless", "Name": "%s"}""".formatted(service));
    try (Registration registration = registry.register(instance())) {
      eventually("seen", () -> !seen().isEmpty());

      assertThat(seen()).containsExactly(registration.instance());
    }
    consul.api("PUT", "/v1/agent/service/deregister/portless", "");
  }

  @Test
  void criticalCheck_isDown_andWarning_isUp() throws Exception {
    consul.api("PUT", "/v1/agent/service/register", """
        {"ID": "checked", "Name": "%s", "Port": 8080, "Check": {"TTL": "10m"}}""".formatted(service));
    eventually("down", () -> states().equals(List.of(State.DOWN)));

    consul.api("PUT", "/v1/agent/check/warn/service:checked", "");

    eventually("up", () -> states().equals(List.of(State.UP)));
    consul.api("PUT", "/v1/agent/service/deregister/checked", "");
  }

  @Test
  void starting_isSeenStarting() throws Exception {
    Instance starting = instance().withState(State.STARTING);
    try (Registration registration = registry.register(starting)) {
      eventually("seen", () -> seen().equals(List.of(registration.instance())));
    }
  }

  @Test
  void maintenanceThatIsLeftOver_endsWhenTheInstanceRegisters() throws Exception {
    try (Registration first = registry.register(instance())) {
      eventually("up", () -> states().equals(List.of(State.UP)));
      consul.api(
          "PUT",
          "/v1/agent/service/maintenance/" + ConsulJson.encoded(first.instance().id())
              + "?enable=true",
          "");
      eventually("draining", () -> states().equals(List.of(State.DRAINING)));

      try (Registration second = registry.register(instance())) {
        eventually("up", () -> states().equals(List.of(State.UP)));
        assertThat(seen()).containsExactly(second.instance());
      }
    }
  }

  @Test
  void aclToken_goesWithEveryCall() throws Exception {
    try (ConsulServer closed = ConsulServer.builder().acl().name("consul-acl").start();
        ConsulRegistry anonymous =
            QuickConsul.builder(closed.httpUri(), workers).build();
        ConsulRegistry trusted = QuickConsul.builder(closed.httpUri(), workers)
            .credentials(token(closed.newToken("""
                service "%s" { policy = "write" } node_prefix "" { policy = "read" }""".formatted(service))))
            .build();
        ServiceDiscovery known = ServiceDiscovery.builder(trusted).build();
        ServiceDiscovery unknown = ServiceDiscovery.builder(anonymous).build()) {
      Registration refused = anonymous.register(instance());
      Registration taken = trusted.register(instance());

      taken.registered().toCompletableFuture().get(60, TimeUnit.SECONDS);
      eventually("seen", () -> known.current(service).instances().size() == 1);

      assertThat(refused.registered().toCompletableFuture()).isNotDone();
      eventually("answered", () -> unknown.current(service).freshness() != Freshness.PENDING);
      assertThat(unknown.current(service).instances()).isEmpty();
    }
  }

  private static CredentialSource token(String value) {
    return peer -> CompletableFuture.completedStage(new Credential("Bearer", value, Instant.MAX));
  }

  @Test
  void metadataThatConsulRefuses_isNamed() {
    Instance odd = Instance.builder(service, "127.0.0.1", 7001)
        .metadata(Map.of("schema version", "7"))
        .build();

    assertThatThrownBy(() -> registry.register(odd))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("metadata: schema version (expected: keys of 1 to 128 of A-Z a-z 0-9 _ -)");
  }

  private List<Instance> seen() {
    return discovery.current(service).instances();
  }

  private List<State> states() {
    return seen().stream().map(Instance::state).toList();
  }

  private Instance instance() {
    return Instance.builder(service, "127.0.0.1", 7001).build();
  }
}
