package dev.msk.discovery;

import static dev.msk.discovery.Fleet.SERVICE;
import static dev.msk.discovery.Fleet.calls;
import static dev.msk.discovery.Fleet.instances;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Lease.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Round robin, weighted and Peak-EWMA: where calls go. */
final class BalancersTest {

  private static final PickContext ANY = PickContext.any();
  private static final List<Instance> WEIGHTED = List.of(
      Fleet.instance(1).weight(100).build(),
      Fleet.instance(2).weight(200).build(),
      Fleet.instance(3).weight(300).build());

  private final Fleet fleet = new Fleet();

  @Test
  void roundRobin_givesEachTheSame() {
    fleet.lists(instances(7));

    assertThat(calls(start(LoadBalancer::roundRobin), ANY, 700).values()).containsOnly(100);
  }

  @Test
  void roundRobin_givesEachItsWeight_spreadEvenly() {
    fleet.lists(WEIGHTED);
    LoadBalancer balancer = start(LoadBalancer::roundRobin);

    for (int i = 0; i < 100; i++) {
      Map<String, Integer> twelve = calls(balancer, ANY, 12);
      assertThat(twelve.get("i1")).isBetween(1, 3);
      assertThat(twelve.get("i2")).isBetween(3, 5);
      assertThat(twelve.get("i3")).isBetween(5, 7);
    }
    Map<String, Integer> many = calls(balancer, ANY, 6000);
    assertThat(many.get("i1")).isBetween(998, 1002);
    assertThat(many.get("i2")).isBetween(1998, 2002);
  }

  @Test
  void roundRobin_countsAWeightAtMostTenfold() {
    List<Instance> all =
        Fleet.with(instances(99), List.of(Fleet.instance(100).weight(10_000).build()));
    fleet.lists(all);

    // The mean is 199 and the cap 1990, so that the heavy one has 1990 of 11,890.
    assertThat(calls(start(LoadBalancer::roundRobin), ANY, 11_890).get("i100"))
        .isBetween(1985, 1995);
  }

  @Test
  void roundRobin_goesOnToTheNext_whenSomeAreExcluded() {
    fleet.lists(instances(3));
    LoadBalancer balancer = start(LoadBalancer::roundRobin);
    PickContext context = ANY.excluding(Fleet.instance(2).build());

    assertThat(calls(balancer, context, 300)).containsOnlyKeys("i1", "i3");
    assertThat(balancer.pick(
            SERVICE,
            context
                .excluding(Fleet.instance(1).build())
                .excluding(Fleet.instance(3).build())))
        .isEmpty();
  }

  @Test
  void weighted_givesExactShares() {
    fleet.lists(WEIGHTED);

    Map<String, Integer> calls = calls(start(LoadBalancer::weighted), ANY, 60_000);

    assertThat(Fleet.chiSquare(calls, Fleet.weights(WEIGHTED))).isLessThan(13.8);
  }

  @Test
  void weighted_givesExactShares_ofManyInstances() {
    List<Instance> hundred = IntStream.rangeClosed(1, 100)
        .mapToObj(i -> Fleet.instance(i).weight(i * i).build())
        .toList();
    fleet.lists(hundred);

    Map<String, Integer> calls = calls(start(LoadBalancer::weighted), ANY, 500_000);

    Map<String, Double> weights = Fleet.weights(hundred);
    // Cells with few expected calls are none for the statistic.
    IntStream.rangeClosed(1, 3).forEach(i -> {
      weights.remove("i" + i);
      calls.remove("i" + i);
    });
    assertThat(Fleet.chiSquare(calls, weights)).isLessThan(148);
  }

  @Test
  void weighted_keepsTheSharesOfTheRest_whenSomeAreExcluded() {
    fleet.lists(WEIGHTED);

    Map<String, Integer> calls =
        calls(start(LoadBalancer::weighted), ANY.excluding(WEIGHTED.get(1)), 40_000);

    assertThat(Fleet.chiSquare(calls, Map.of("i1", 1.0, "i3", 3.0))).isLessThan(10.8);
  }

  @Test
  void leastLoaded_givesShares_alsoWhenNobodyIsBusy() {
    fleet.lists(WEIGHTED);

    Map<String, Integer> calls = calls(start(LoadBalancer::leastLoaded), ANY, 60_000);

    assertThat(Fleet.chiSquare(calls, Fleet.weights(WEIGHTED))).isLessThan(13.8);
  }

  @Test
  void leastLoaded_givesASmallShareAtMostTwice_whateverTheOthersDo() {
    Instance canary = Fleet.instance(2).weight(1).build();
    fleet.lists(List.of(Fleet.instance(1).weight(99).build(), canary));
    LoadBalancer balancer = start(LoadBalancer::leastLoaded);
    Lease busy = balancer.pick(SERVICE, ANY).orElseThrow();

    Map<String, Integer> calls = calls(balancer, ANY, 10_000);

    assertThat(busy.instance().id()).isEqualTo("i1");
    assertThat(calls.get("i2")).isBetween(50, 260);
  }

  @Test
  void peakEwma_leavesASlowInstance_withoutLoad() {
    fleet.lists(instances(10));
    LoadBalancer balancer = start(LoadBalancer::peakEwma);

    // 1 s of latency decays below the 10 ms of the others in 10 s * ln 100 = 46 s.
    Map<String, Integer> calls = oneAfterAnother(balancer, 4500, Map.of("i1", 1000));
    assertThat(calls.get("i1")).isEqualTo(1);

    calls = oneAfterAnother(balancer, 4500, Map.of());
    assertThat(calls.get("i1")).isGreaterThan(200);
  }

  @Test
  void peakEwma_seesAPeakAtOnce() {
    fleet.lists(instances(10));
    LoadBalancer balancer = start(LoadBalancer::peakEwma);
    assertThat(oneAfterAnother(balancer, 1000, Map.of())).hasSize(10);

    Fleet.end(balancer, instances(10), Fleet.instance(1).build(), Outcome.OK, 1);
    PickContext one = only(1, 10);
    balancer.pick(SERVICE, one).orElseThrow().done(Outcome.OK, 5_000_000_000L);

    assertThat(oneAfterAnother(balancer, 1000, Map.of())).hasSize(9).doesNotContainKey("i1");
  }

  @Test
  void peakEwma_triesANewInstanceWithOneCall() {
    fleet.lists(instances(2));
    LoadBalancer balancer = start(LoadBalancer::peakEwma);
    assertThat(oneAfterAnother(balancer, 100, Map.of())).hasSize(2);
    fleet.lists(instances(3));
    // Warm, so that it is drawn as often as the others.
    fleet.time.advance(Duration.ofSeconds(20));

    Lease trial = only(balancer, "i3");

    Map<String, Integer> meanwhile = oneAfterAnother(balancer, 300, Map.of());
    assertThat(meanwhile).doesNotContainKey("i3");
    trial.done(Outcome.OK, 10_000_000);
    assertThat(oneAfterAnother(balancer, 300, Map.of())).containsKey("i3");
  }

  @Test
  void peakEwma_countsCallsUnderWay() {
    fleet.lists(instances(2));
    LoadBalancer balancer = start(LoadBalancer::peakEwma);
    assertThat(oneAfterAnother(balancer, 10, Map.of("i1", 30))).hasSize(2);

    Map<String, Integer> underWay = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      underWay.merge(balancer.pick(SERVICE, ANY).orElseThrow().instance().id(), 1, Integer::sum);
    }

    // Three times the latency, a third of the calls.
    assertThat(underWay.get("i1")).isBetween(95, 106);
  }

  /** 10 ms each, or as slow as is said, in milliseconds. */
  private Map<String, Integer> oneAfterAnother(
      LoadBalancer balancer, int count, Map<String, Integer> slow) {
    Map<String, Integer> calls = new HashMap<>();
    for (int i = 0; i < count; i++) {
      Lease lease = balancer.pick(SERVICE, ANY).orElseThrow();
      String id = lease.instance().id();
      calls.merge(id, 1, Integer::sum);
      fleet.time.advance(Duration.ofMillis(10));
      lease.done(Outcome.OK, slow.getOrDefault(id, 10) * 1_000_000L);
    }
    return calls;
  }

  /** Picks until it is one's turn. */
  private static Lease only(LoadBalancer balancer, String id) {
    for (int i = 0; i < 1000; i++) {
      Lease lease = balancer.pick(SERVICE, ANY).orElseThrow();
      if (lease.instance().id().equals(id)) {
        return lease;
      }
      lease.done(Outcome.CANCELLED, 0);
    }
    throw new AssertionError(id + " is never picked");
  }

  private static PickContext only(int number, int count) {
    List<Instance> others = new ArrayList<>(instances(count));
    others.remove(number - 1);
    PickContext context = ANY;
    for (Instance other : others) {
      context = context.excluding(other);
    }
    return context;
  }

  private LoadBalancer start(Function<ServiceDiscovery, LoadBalancerBuilder> strategy) {
    return strategy
        .apply(fleet.discovery)
        .random(new SplittableRandom(4711))
        .ticker(fleet.time)
        .build();
  }
}
