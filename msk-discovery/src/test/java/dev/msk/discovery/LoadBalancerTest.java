package dev.msk.discovery;

import static dev.msk.discovery.Instance.State.DOWN;
import static dev.msk.discovery.Instance.State.DRAINING;
import static dev.msk.discovery.Instance.State.STARTING;
import static dev.msk.discovery.Instance.State.UP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Lease.Outcome;
import dev.msk.discovery.testing.InMemoryRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LoadBalancerTest {

  private static final long SEED = 4711;

  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final ServiceDiscovery discovery = ServiceDiscovery.builder(registry).build();
  private LoadBalancer balancer =
      LoadBalancer.leastLoaded(discovery).random(new SplittableRandom(SEED)).build();

  @Test
  void callsThatStay_spreadEvenly() {
    answer(instances(10));

    Map<String, Integer> loads = new TreeMap<>();
    for (int i = 0; i < 10_000; i++) {
      loads.merge(pick(PickContext.any()).instance().host(), 1, Integer::sum);
    }

    // Two choices keep the largest within a few of the mean; one choice would be off by about 90.
    assertThat(loads).hasSize(10);
    assertThat(loads.values()).allSatisfy(load -> assertThat(load).isBetween(990, 1010));
  }

  @Test
  void slowInstance_getsFewCalls() {
    answer(instances(10));
    int slow = 0;
    List<Lease> stuck = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Lease lease = pick(PickContext.any());
      if (lease.instance().host().equals("10.0.0.1")) {
        slow++;
        stuck.add(lease);
      } else {
        lease.done(Outcome.OK, 1);
      }
    }

    // It is drawn against an idle one each time, and loses once it has one call more.
    assertThat(slow).isLessThan(20);
    assertThat(stuck).hasSize(slow);
  }

  @Test
  void weight_isAShareOfTheLoad() {
    Instance light = Instance.builder("orders", "10.0.0.1", 80).weight(100).build();
    Instance heavy = Instance.builder("orders", "10.0.0.2", 80).weight(300).build();
    answer(List.of(light, heavy));

    Map<String, Integer> loads = new TreeMap<>();
    for (int i = 0; i < 4000; i++) {
      loads.merge(pick(PickContext.any()).instance().host(), 1, Integer::sum);
    }

    assertThat(loads.get("10.0.0.2")).isBetween(2990, 3010);
  }

  @Test
  void excluded_areNotPicked() {
    List<Instance> three = instances(3);
    answer(three);
    PickContext context = PickContext.any().excluding(three.get(0)).excluding(three.get(2));

    for (int i = 0; i < 100; i++) {
      assertThat(pick(context).instance()).isEqualTo(three.get(1));
    }

    assertThat(balancer.pick("orders", context.excluding(three.get(1)))).isEmpty();
  }

  @Test
  void excludingOne_drawsAmongAllOthers() {
    List<Instance> four = instances(4);
    answer(four);

    Set<Instance> picked = new TreeSet<>((a, b) -> a.host().compareTo(b.host()));
    for (int i = 0; i < 100; i++) {
      picked.add(pick(PickContext.any().excluding(four.get(1))).instance());
    }

    assertThat(picked).containsExactly(four.get(0), four.get(2), four.get(3));
  }

  @Test
  void version_isPickedAlone() {
    Instance old = Instance.builder("orders", "10.0.0.1", 80).version("1").build();
    Instance next = Instance.builder("orders", "10.0.0.2", 80).version("2").build();
    answer(List.of(old, next));

    assertThat(pick(PickContext.any().version("2")).instance()).isEqualTo(next);
    assertThat(balancer.pick("orders", PickContext.any().version("3"))).isEmpty();
  }

  @Test
  void unhealthyMinority_isLeftOut() {
    answer(in(UP, DOWN, UP, STARTING, DRAINING));

    assertThat(pickedHosts()).containsExactly("10.0.0.1", "10.0.0.3");
  }

  @Test
  void unhealthyMajority_isPanic_andAllAreUsed() {
    answer(in(UP, DOWN, DOWN, STARTING, DRAINING));

    assertThat(pickedHosts()).containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3");
  }

  @Test
  void drainingOnes_areTheLastResort() {
    answer(in(DRAINING, STARTING, DRAINING));

    assertThat(pickedHosts()).containsExactly("10.0.0.1", "10.0.0.3");
  }

  @Test
  void loads_outliveAChangeOfTheList() {
    balancer = LoadBalancer.leastLoaded(discovery)
        .random(new SplittableRandom(SEED))
        .slowStart(Duration.ZERO)
        .build();
    answer(instances(2));
    List<Lease> calls = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      calls.add(pick(PickContext.any()));
    }

    answer(instances(3));
    Map<String, Integer> loads = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      loads.merge(pick(PickContext.any()).instance().host(), 1, Integer::sum);
    }

    // 500 calls each are under way on the first two: the third wins whenever it is drawn, two times
    // of three.
    assertThat(loads.get("10.0.0.3")).isGreaterThan(170);
    calls.forEach(call -> call.done(Outcome.OK, 1));
  }

  @Test
  void nothingKnown_isEmpty() {
    assertThat(balancer.pick("orders", PickContext.any())).isEmpty();
  }

  @Test
  void name_inUpperCase_isTheSameService() {
    answer(instances(1));

    assertThat(balancer.pick("Orders", PickContext.any())).isPresent();
    assertThatThrownBy(() -> balancer.pick("no/name", PickContext.any()))
        .hasMessageStartingWith("service: no/name (expected: ");
  }

  @Test
  void closed_goesOnWithWhatIsKnown() {
    answer(instances(1));
    assertThat(pickedHosts()).hasSize(1);

    balancer.close();
    balancer.close();
    answer(instances(2));

    assertThat(pickedHosts()).hasSize(1);
    assertThatThrownBy(() -> balancer.pick("payments", PickContext.any()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("payments: this balancer is closed");
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> LoadBalancer.leastLoaded(discovery)
            .panicThreshold(2)
            .slowStart(Duration.ofSeconds(-1))
            .subset(0)
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("panicThreshold: 2.0 (expected: 0 to 1); "
            + "slowStart: PT-1S (expected: zero or more); "
            + "subset: 0 (expected: 1 or more)");
  }

  private Set<String> pickedHosts() {
    Set<String> hosts = new TreeSet<>();
    for (int i = 0; i < 200; i++) {
      hosts.add(pick(PickContext.any()).instance().host());
    }
    return hosts;
  }

  private Lease pick(PickContext context) {
    return balancer.pick("orders", context).orElseThrow();
  }

  private void answer(List<Instance> instances) {
    registry.answer("orders", instances);
  }

  private static List<Instance> instances(int count) {
    return in(IntStream.range(0, count).mapToObj(i -> UP).toArray(State[]::new));
  }

  private static List<Instance> in(State... states) {
    return IntStream.range(0, states.length)
        .mapToObj(i -> Instance.builder("orders", "10.0.0." + (i + 1), 8080)
            .state(states[i])
            .build())
        .toList();
  }
}
