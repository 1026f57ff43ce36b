package dev.msk.discovery.testing;

import static dev.msk.discovery.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.Registration;
import dev.msk.discovery.ServiceDiscovery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Registrar} does, as others see it. An adapter's test class extends it and gives it a running registry that
 * is looked at several times a second.
 */
public abstract class RegistryContract {

  private final String service = "registry-" + UUID.randomUUID();
  private Registrar registrar;
  private ServiceDiscovery discovery;

  /** For subclasses. */
  protected RegistryContract() {}

  /**
   * Registers instances.
   *
   * @return connected to a running registry; closed by the subclass
   */
  protected abstract Registrar registrar();

  /**
   * Sees what is registered.
   *
   * @return over the same registry; closed by the subclass
   */
  protected abstract ServiceDiscovery discovery();

  /**
   * Makes the registry lose an instance whose process lives, and lets its next heartbeat come. The registry has lost it, and
   * perhaps learnt it anew, when this returns.
   *
   * @param instance what is lost
   */
  protected abstract void forget(Instance instance);

  /**
   * Asks the registry itself.
   *
   * @param instance that may have been forgotten
   * @return whether the registry has it now
   */
  protected abstract boolean knows(Instance instance);

  @BeforeEach
  final void openRegistry() {
    registrar = registrar();
    discovery = discovery();
  }

  @Test
  final void registered_isSeenWithAllItSays() throws Exception {
    Instance instance = Instance.builder(service, "127.0.0.1", 7001)
        .id(service + ":a b+%1")
        .tls(true)
        .zone("eu-1")
        .version("1.4.2")
        .weight(250)
        .metadata(Map.of("schema", "7"))
        .build();

    try (Registration registration = registrar.register(instance)) {
      registration.registered().toCompletableFuture().get(60, TimeUnit.SECONDS);
      eventually("seen", () -> !seen().isEmpty());

      assertThat(seen()).containsExactly(instance);
      assertThat(registration.instance()).isEqualTo(instance);
    }
  }

  @Test
  final void closed_isGone() {
    Registration registration = registrar.register(instance(7001));
    Registration other = registrar.register(instance(7002));
    eventually("both", () -> seen().size() == 2);

    registration.close();
    registration.close();

    eventually("gone", () -> seen().equals(List.of(instance(7002))));
    other.close();
  }

  @Test
  final void drained_isSeenDraining_andLeavesUnquestioned() throws Exception {
    Registration registration = registrar.register(instance(7001));
    eventually("seen", () -> seen().size() == 1);

    registration.drain(Duration.ofMillis(50)).toCompletableFuture().get(60, TimeUnit.SECONDS);

    eventually("drains", () -> seen().equals(List.of(instance(7001).withState(State.DRAINING))));
    registration.close();
    eventually(
        "gone, though it was the last",
        () -> seen().isEmpty() && discovery.current(service).freshness() == Freshness.LIVE);
  }

  @Test
  final void registeredAgainUnderTheSameId_isUp() throws Exception {
    Registration first = registrar.register(instance(7001));
    eventually("seen", () -> seen().size() == 1);
    first.drain(Duration.ZERO).toCompletableFuture().get(60, TimeUnit.SECONDS);
    first.close();

    try (Registration second = registrar.register(instance(7001))) {
      eventually("up", () -> seen().equals(List.of(instance(7001))));
      assertThat(second.instance().state()).isEqualTo(State.UP);
    }
  }

  @Test
  final void forgotten_registersAgain() {
    Instance other = instance(7002);
    try (Registration registration = registrar.register(instance(7001));
        Registration second = registrar.register(other)) {
      eventually("both", () -> seen().size() == 2);

      forget(registration.instance());

      eventually("registered again", () -> knows(registration.instance()));
      // Whoever looked in between may have seen one alone.
      eventually(
          "both again",
          () -> Set.copyOf(seen()).equals(Set.of(instance(7001), second.instance()))
              && discovery.current(service).freshness() == Freshness.LIVE);
    }
  }

  @Test
  final void unknownService_isLiveAndEmpty() {
    eventually("answered", () -> discovery.current(service).freshness() == Freshness.LIVE);

    assertThat(seen()).isEmpty();
  }

  private List<Instance> seen() {
    return discovery.current(service).instances();
  }

  private Instance instance(int port) {
    return Instance.builder(service, "127.0.0.1", port).build();
  }
}
