package dev.msk.discovery.testing;

import static dev.msk.discovery.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.release.LiveVersions;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.Registration;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a {@link ServiceDiscovery} over any registry does, on good days and on bad ones. An adapter's test class extends it and
 * gives it a running registry that is looked at several times a second, and a network that can be cut.
 */
public abstract class ServiceDiscoveryContract {

  private final String service = "discovery-" + UUID.randomUUID();
  private Registrar registrar;
  private ServiceDiscovery discovery;

  /** For subclasses. */
  protected ServiceDiscoveryContract() {}

  /**
   * Registers instances. The outage is none of its business.
   *
   * @return connected to a running registry; closed by the subclass
   */
  protected abstract Registrar registrar();

  /**
   * Sees what is registered.
   *
   * @return new for each test, following nothing; closed by the subclass
   */
  protected abstract ServiceDiscovery discovery();

  /** Cuts the discovery off from its registry. */
  protected abstract void cut();

  /** Ends what {@link #cut()} began. */
  protected abstract void restore();

  @BeforeEach
  final void openDiscovery() {
    registrar = registrar();
    discovery = discovery();
  }

  @Test
  final void watch_replaysAndFollows_untilItIsClosed() {
    List<Snapshot> seen = new CopyOnWriteArrayList<>();
    List<Snapshot> seenByAnother = new CopyOnWriteArrayList<>();
    Subscription subscription = discovery.watch(service, seen::add);
    Subscription another = discovery.watch(service, seenByAnother::add);
    assertThat(seen).hasSizeGreaterThanOrEqualTo(1);

    try (Registration first = registrar.register(instance(7001))) {
      eventually("followed", () -> last(seen).instances().equals(List.of(first.instance())));
      subscription.close();
      try (Registration second = registrar.register(instance(7002))) {
        eventually("seen by another", () -> last(seenByAnother).instances().size() == 2);
        assertThat(seen)
            .allSatisfy(before -> assertThat(before.instances()).doesNotContain(second.instance()));
        assertThat(last(seenByAnother).instances()).contains(second.instance());
      }
    }
    another.close();
    assertThat(seenByAnother).extracting(Snapshot::version).isSorted().doesNotHaveDuplicates();
  }

  @Test
  final void registryAway_keepsTheLastGoodList_andSaysSo() {
    try (Registration registration = registrar.register(instance(7001))) {
      eventually("seen", () -> discovery.current(service).instances().size() == 1);
      Snapshot good = discovery.current(service);

      cut();
      eventually("stale", () -> discovery.current(service).freshness() == Freshness.STALE);
      Snapshot stale = discovery.current(service);

      assertThat(stale.instances()).containsExactly(registration.instance());
      assertThat(stale.asOf()).isNotNull().isAfterOrEqualTo(good.asOf());
      restore();
      eventually("live", () -> discovery.current(service).freshness() == Freshness.LIVE);
      assertThat(discovery.current(service).instances()).containsExactly(registration.instance());
    }
  }

  @Test
  final void registryAwayAtBoot_isSaid_andHealsByItself() {
    cut();
    try (Registration registration = registrar.register(instance(7001))) {
      assertThat(discovery.current(service).asOf()).isNull();
      eventually("stale", () -> discovery.current(service).freshness() == Freshness.STALE);
      assertThat(discovery.current(service).instances()).isEmpty();

      restore();

      eventually(
          "seen",
          () -> discovery.current(service).instances().equals(List.of(registration.instance())));
    }
  }

  @Test
  final void versions_areCertainWhileTheRegistryAnswers() {
    LiveVersions versions = discovery.liveVersions();
    Instance old = Instance.builder(service, "127.0.0.1", 7001).version("1").build();
    Instance silent = instance(7002);
    try (Registration first = registrar.register(old);
        Registration second = registrar.register(silent)) {
      LiveVersions.Answer both =
          new LiveVersions.Answer(Set.of(first.instance().version(), "unknown"), true);
      eventually("both, for certain", () -> versions.of(service).equals(both));

      cut();
      eventually("uncertain", () -> !versions.of(service).certain());
      assertThat(versions.of(service).versions()).contains(second.instance().version());
      restore();
    }
  }

  @Test
  final void name_thatIsNone_isRefused() {
    assertThatThrownBy(() -> discovery.current("no/name"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("service: no/name (expected: ");
  }

  @Test
  final void name_inUpperCase_isTheSameService() {
    try (Registration registration = registrar.register(instance(7001))) {
      eventually("seen", () -> discovery.current(service).instances().size() == 1);

      assertThat(discovery.current(service.toUpperCase(Locale.ROOT)).instances())
          .containsExactly(registration.instance());
    }
  }

  private Instance instance(int port) {
    return Instance.builder(service, "127.0.0.1", port).build();
  }

  private static Snapshot last(List<Snapshot> snapshots) {
    return snapshots.get(snapshots.size() - 1);
  }
}
