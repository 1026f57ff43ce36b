package dev.msk.discovery;

import static dev.msk.discovery.Fleet.SERVICE;
import static dev.msk.discovery.Fleet.calls;
import static dev.msk.discovery.Fleet.instances;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Lease.Outcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ring hash and sticky: which key goes where. */
final class StickyBalancersTest {

  private static final PickContext ANY = PickContext.any();
  private static final int KEYS = 20_000;

  private final Fleet fleet = new Fleet();

  interface Strategy extends Function<ServiceDiscovery, LoadBalancerBuilder> {}

  static Stream<Strategy> strategies() {
    return Stream.of(LoadBalancer::ringHash, LoadBalancer::sticky);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void key_goesToOneInstance_forAllClients(Strategy strategy) {
    fleet.lists(instances(150));

    Map<String, String> one = owners(start(strategy, 1));
    Map<String, String> another = owners(start(strategy, 2));

    assertThat(one).isEqualTo(another);
    assertThat(one.values().stream().distinct()).hasSize(150);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void instanceThatGoes_losesItsKeys_andNobodyElseAny(Strategy strategy) {
    fleet.lists(instances(10));
    LoadBalancer balancer = start(strategy, 1);
    Map<String, String> before = owners(balancer);

    fleet.lists(instances(9));
    Map<String, String> after = owners(balancer);

    assertThat(after).allSatisfy((key, owner) -> {
      if (!before.get(key).equals("i10")) {
        assertThat(owner).isEqualTo(before.get(key));
      }
    });
    // What was its own is spread over all others.
    assertThat(after.entrySet().stream()
            .filter(entry -> before.get(entry.getKey()).equals("i10"))
            .map(Map.Entry::getValue)
            .distinct())
        .hasSize(9);
    fleet.lists(instances(10));
    assertThat(owners(balancer)).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void instanceThatIsEjected_losesItsKeys_andGetsThemBack(Strategy strategy) {
    fleet.lists(instances(10));
    LoadBalancer balancer = start(strategy, 1);
    PickContext key = ANY.key("user-4711");
    Instance owner = picked(balancer, key);

    Fleet.end(balancer, instances(10), owner, Outcome.FAILED, 5);
    Instance standIn = picked(balancer, key);
    assertThat(standIn).isNotEqualTo(owner).isEqualTo(picked(balancer, key));
    fleet.time.advance(Duration.ofSeconds(30));

    assertThat(picked(balancer, key)).isEqualTo(owner);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void retry_goesToTheOneThatWouldTakeOver(Strategy strategy) {
    fleet.lists(instances(10));
    LoadBalancer balancer = start(strategy, 1);
    PickContext key = ANY.key("user-4711");
    Instance owner = picked(balancer, key);

    Instance second = picked(balancer, key.excluding(owner));

    fleet.lists(instances(10).stream().filter(i -> !i.equals(owner)).toList());
    assertThat(picked(balancer, key)).isEqualTo(second);
    PickContext nobody = key;
    for (Instance instance : instances(10)) {
      nobody = nobody.excluding(instance);
    }
    assertThat(balancer.pick(SERVICE, nobody)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void callsWithoutAKey_goAnywhere(Strategy strategy) {
    fleet.lists(instances(10));

    assertThat(calls(start(strategy, 1), ANY, 1000)).hasSize(10);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void weight_isAShareOfTheKeys(Strategy strategy) {
    List<Instance> weighted = List.of(
        Fleet.instance(1).weight(100).build(),
        Fleet.instance(2).weight(200).build(),
        Fleet.instance(3).weight(300).build());
    fleet.lists(weighted);

    Map<String, Integer> calls = calls(start(strategy, 1), i -> ANY.key("key-" + i), 60_000);

    // On the ring, parts differ by one over the root of the points: 160 of them, so 8 %.
    assertThat(calls.get("i1")).isBetween(8000, 12_000);
    assertThat(calls.get("i2")).isBetween(17_500, 22_500);
    assertThat(calls.get("i3")).isBetween(27_000, 33_000);
  }

  @Test
  void sticky_givesExactShares() {
    List<Instance> weighted = Stream.of(1, 2, 3, 4)
        .map(number -> Fleet.instance(number).weight(number * 100).build())
        .toList();
    fleet.lists(weighted);

    Map<String, Integer> calls =
        calls(start(LoadBalancer::sticky, 1), i -> ANY.key("user-" + i), 100_000);

    assertThat(Fleet.chiSquare(calls, Fleet.weights(weighted)))
        .as("four cells, one in a thousand")
        .isLessThan(16.3);
  }

  @Test
  void ringHash_lendsWhatIsTooMuchForOne_toTheNext() {
    fleet.lists(instances(10));
    LoadBalancer balancer = start(LoadBalancer::ringHash, 1);

    Map<String, Integer> underWay = underWay(balancer, ANY.key("what everybody wants"));

    // At most 1.25 times the mean of 100, rounded up; eight instances fill up before the last.
    assertThat(underWay.values()).allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(125));
    assertThat(underWay).hasSizeBetween(8, 9);
  }

  @Test
  void sticky_staysWithOne_howeverBusyItIs() {
    fleet.lists(instances(10));
    LoadBalancer balancer = start(LoadBalancer::sticky, 1);

    assertThat(underWay(balancer, ANY.key("what everybody wants"))).hasSize(1);
  }

  private static Map<String, String> owners(LoadBalancer balancer) {
    Map<String, String> owners = new HashMap<>();
    for (int i = 0; i < KEYS; i++) {
      Lease lease = balancer.pick(SERVICE, ANY.key("key-" + i)).orElseThrow();
      owners.put("key-" + i, lease.instance().id());
      lease.done(Outcome.OK, 1);
    }
    return owners;
  }

  private static Instance picked(LoadBalancer balancer, PickContext context) {
    Lease lease = balancer.pick(SERVICE, context).orElseThrow();
    lease.done(Outcome.OK, 1);
    return lease.instance();
  }

  private static Map<String, Integer> underWay(LoadBalancer balancer, PickContext context) {
    Map<String, Integer> underWay = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      Lease lease = balancer.pick(SERVICE, context).orElseThrow();
      underWay.merge(lease.instance().id(), 1, Integer::sum);
    }
    return underWay;
  }

  private LoadBalancer start(Strategy strategy, long seed) {
    return strategy
        .apply(fleet.discovery)
        .random(new SplittableRandom(seed))
        .ticker(fleet.time)
        .build();
  }
}
