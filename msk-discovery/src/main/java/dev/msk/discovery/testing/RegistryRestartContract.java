package dev.msk.discovery.testing;

import static dev.msk.discovery.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.Registration;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What callers see of a registry that crashes and comes back without its memory: nothing. An adapter's test class extends it and
 * gives it a registry of its own that is looked at, and sent heartbeats, several times a second.
 */
public abstract class RegistryRestartContract {

  private final String service = "restart-" + UUID.randomUUID();

  /** For subclasses. */
  protected RegistryRestartContract() {}

  /**
   * Registers instances.
   *
   * @return connected to the registry; closed by the subclass
   */
  protected abstract Registrar registrar();

  /**
   * Sees what is registered.
   *
   * @return over the same registry, with the default settings; closed by the subclass
   */
  protected abstract ServiceDiscovery discovery();

  /** Ends the registry without a word. */
  protected abstract void crash();

  /** Starts it again, empty. */
  protected abstract void restart();

  @Test
  final void restartedEmpty_shortensNoList() {
    ServiceDiscovery discovery = discovery();
    List<Instance> three = IntStream.range(7001, 7004)
        .mapToObj(port -> Instance.builder(service, "127.0.0.1", port).build())
        .toList();
    List<Registration> registrations = three.stream().map(registrar()::register).toList();
    eventually("seen", () -> isWhole(discovery.current(service)));
    List<Snapshot> snapshots = new CopyOnWriteArrayList<>();
    Subscription subscription = discovery.watch(service, snapshots::add);

    crash();
    eventually("stale", () -> discovery.current(service).freshness() == Freshness.STALE);
    restart();
    eventually("whole again", () -> isWhole(discovery.current(service)));

    subscription.close();
    assertThat(snapshots)
        .allSatisfy(
            snapshot -> assertThat(Set.copyOf(snapshot.instances())).isEqualTo(Set.copyOf(three)));
    registrations.forEach(Registration::close);
  }

  private static boolean isWhole(Snapshot snapshot) {
    return snapshot.freshness() == Freshness.LIVE && snapshot.instances().size() == 3;
  }
}
