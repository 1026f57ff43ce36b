package dev.msk.discovery;

import static dev.msk.discovery.Fleet.calls;
import static dev.msk.discovery.Fleet.instances;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Instance.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much an instance gets that has just become healthy. */
final class SlowStartTest {

  private static final PickContext ANY = PickContext.any();

  private final Fleet fleet = new Fleet();
  private final LoadBalancer balancer = start(LoadBalancer.leastLoaded(fleet.discovery));

  @ParameterizedTest
  @CsvSource({"0, 0.1", "1999, 0.1", "5000, 0.25", "10000, 0.5", "19000, 0.95", "20000, 1"})
  void newInstance_getsMoreEachSecond(int millis, double factor) {
    fleet.lists(instances(9));
    assertThat(calls(balancer, ANY, 1000)).hasSize(9);
    fleet.lists(instances(10));

    fleet.time.advance(Duration.ofMillis(millis));
    Map<String, Integer> calls = calls(balancer, ANY, 20_000);

    Map<String, Double> expected = Fleet.weights(instances(10));
    expected.put("i10", 100 * factor);
    assertThat(Fleet.chiSquare(calls, expected)).isLessThan(27.9);
  }

  @Test
  void share_growsWhileNothingElseChanges() {
    fleet.lists(instances(9));
    assertThat(calls(balancer, ANY, 1)).hasSize(1);
    fleet.lists(instances(10));

    int before = 0;
    for (int second = 0; second < 20; second += 5) {
      int now = calls(balancer, ANY, 20_000).getOrDefault("i10", 0);
      assertThat(now).isGreaterThan(before);
      before = now;
      fleet.time.advance(Duration.ofSeconds(5));
    }
  }

  @Test
  void firstList_isWarm() {
    fleet.lists(instances(9));
    assertThat(calls(balancer, ANY, 1000)).hasSize(9);
    fleet.time.advance(Duration.ofSeconds(5));
    fleet.lists(instances(10));

    // Were the nine cold as well, the tenth would have 0.1 of their 0.25, and 0.04 of the calls.
    assertThat(calls(balancer, ANY, 10_000).get("i10")).isBetween(70, 160);
  }

  @Test
  void whenAllAreNew_nobodyIsSpared() {
    fleet.lists(instances(2));
    assertThat(calls(balancer, ANY, 100)).hasSize(2);

    List<Instance> others = List.of(Fleet.instance(3).build(), Fleet.instance(4).build());
    fleet.lists(Fleet.with(instances(2), others.subList(0, 1)));
    fleet.time.advance(Duration.ofSeconds(10));
    fleet.lists(others);

    assertThat(Fleet.chiSquare(calls(balancer, ANY, 10_000), Fleet.weights(others)))
        .isLessThan(10.8);
  }

  @Test
  void instanceThatWasDown_warmsUpAnew() {
    List<Instance> nine = instances(9);
    Instance tenth = Fleet.instance(10).build();
    fleet.lists(Fleet.with(nine, List.of(tenth.withState(State.DOWN))));
    assertThat(calls(balancer, ANY, 1000)).hasSize(9);

    fleet.lists(Fleet.with(nine, List.of(tenth)));

    assertThat(calls(balancer, ANY, 10_000).get("i10")).isBetween(70, 160);
  }

  @Test
  void roundRobin_leavesOutTurns() {
    LoadBalancer turns = start(LoadBalancer.roundRobin(fleet.discovery));
    fleet.lists(instances(9));
    assertThat(calls(turns, ANY, 1000)).hasSize(9);
    fleet.lists(instances(10));

    assertThat(calls(turns, ANY, 9100).get("i10")).isBetween(98, 102);
  }

  @Test
  void zero_isNoSlowStart() {
    LoadBalancer hasty = start(LoadBalancer.leastLoaded(fleet.discovery).slowStart(Duration.ZERO));
    fleet.lists(instances(9));
    assertThat(calls(hasty, ANY, 1000)).hasSize(9);
    fleet.lists(instances(10));

    assertThat(calls(hasty, ANY, 10_000).get("i10")).isBetween(900, 1100);
  }

  private LoadBalancer start(LoadBalancerBuilder builder) {
    return builder.random(new SplittableRandom(4711)).ticker(fleet.time).build();
  }
}
