package dev.msk.discovery;

import static dev.msk.discovery.Fleet.SERVICE;
import static dev.msk.discovery.Fleet.instances;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.discovery.Instance.State;
import dev.msk.discovery.spi.Probe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Instances that answer or do not, and what the snapshots make of it. */
final class HealthChecksTest {

  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final Fleet fleet = new Fleet();
  private final Patients patients = new Patients();
  private final ServiceDiscovery checked = builder().build();

  @Test
  void threeFailuresInARow_takeAnInstanceDown_twoAnswersBringItBack() {
    fleet.lists(instances(3));
    assertThat(states()).containsOnly(State.UP);

    patients.ill.add("i1");
    // The third comes two intervals after the first, which comes within one.
    fleet.time.advance(Duration.ofMillis(17_900));
    assertThat(states()).containsExactly(State.UP, State.UP, State.UP);
    fleet.time.advance(Duration.ofMillis(14_200));
    assertThat(states()).containsExactly(State.DOWN, State.UP, State.UP);

    patients.ill.clear();
    fleet.time.advance(Duration.ofSeconds(8));
    assertThat(states()).containsExactly(State.DOWN, State.UP, State.UP);
    fleet.time.advance(Duration.ofSeconds(14));
    assertThat(states()).containsOnly(State.UP);
  }

  @Test
  void answerInBetween_beginsTheCountAnew() {
    fleet.lists(instances(1));
    assertThat(states()).containsOnly(State.UP);

    for (int i = 0; i < 10; i++) {
      patients.ill.add("i1");
      probes("i1", 2);
      patients.ill.clear();
      probes("i1", 1);
    }

    assertThat(states()).containsOnly(State.UP);
  }

  @Test
  void silence_isAFailure_andIsNotWaitedFor() {
    patients.silent.add("i1");
    fleet.lists(instances(1));
    assertThat(states()).containsOnly(State.UP);

    // Three probes, and the second that the last may take.
    probes("i1", 3);
    assertThat(states()).containsOnly(State.UP);
    fleet.time.advance(Duration.ofSeconds(1));

    assertThat(states()).containsOnly(State.DOWN);
    assertThat(patients.unanswered).hasSize(3).allMatch(CompletableFuture::isCancelled);
  }

  @Test
  void probeThatThrows_isAFailure() {
    ServiceDiscovery broken = HealthChecks.builder(
            fleet.discovery,
            (instance, timeout) -> {
              throw new IllegalStateException("broken");
            },
            fleet.time,
            Runnable::run)
        .unhealthyAfter(1)
        .build();
    fleet.lists(instances(1));
    assertThat(broken.current(SERVICE).instances()).hasSize(1);

    fleet.time.advance(INTERVAL);

    assertThat(broken.current(SERVICE).instances().get(0).state()).isEqualTo(State.DOWN);
  }

  @Test
  void probes_areSpreadOverTheInterval_andStayApart() {
    fleet.lists(instances(100));
    assertThat(states()).hasSize(100);

    List<Integer> perSecond = new ArrayList<>();
    for (int second = 0; second < 30; second++) {
      int before = patients.asked.size();
      fleet.time.advance(Duration.ofSeconds(1));
      perSecond.add(patients.asked.size() - before);
    }

    // Ten a second; nearly all at once would be a wave.
    assertThat(perSecond).allSatisfy(count -> assertThat(count).isBetween(1, 25));
    assertThat(patients.asked).hasSizeBetween(280, 320);
  }

  @Test
  void probesUnderWay_areBounded_theOthersWait() {
    ServiceDiscovery narrow =
        builder().maxProbes(2).timeout(Duration.ofSeconds(5)).build();
    for (Instance instance : instances(10)) {
      patients.silent.add(instance.id());
    }
    fleet.lists(instances(10));
    assertThat(narrow.current(SERVICE).instances()).hasSize(10);

    fleet.time.advance(Duration.ofSeconds(4));
    assertThat(patients.asked).hasSizeLessThanOrEqualTo(2);
    fleet.time.advance(Duration.ofSeconds(30));

    assertThat(patients.mostUnderWay).isEqualTo(2);
    assertThat(new HashSet<>(patients.asked)).hasSize(10);
  }

  @Test
  void instanceThatGoes_isAskedNoMore() {
    fleet.lists(instances(2));
    assertThat(states()).hasSize(2);
    probes("i1", 1);

    fleet.lists(instances(2).subList(1, 2));
    int before = patients.askedOf("i1");
    fleet.time.advance(Duration.ofMinutes(10));

    assertThat(patients.askedOf("i1")).isEqualTo(before);
    assertThat(patients.askedOf("i2")).isGreaterThan(50);
    assertThat(fleet.time.pendingTasks()).isEqualTo(1);
  }

  @Test
  void instanceThatSaysItIsDown_isNotAsked_andStaysSo() {
    fleet.lists(Fleet.in(State.DOWN, instances(1)));
    assertThat(states()).containsExactly(State.DOWN);

    fleet.time.advance(Duration.ofMinutes(1));

    assertThat(patients.asked).isEmpty();
    assertThat(states()).containsExactly(State.DOWN);
  }

  @Test
  void listeners_hearOfHealth_andOfTheRegistry() {
    List<Snapshot> seen = new ArrayList<>();
    fleet.lists(instances(1));
    checked.watch(SERVICE, seen::add);

    patients.ill.add("i1");
    probes("i1", 3);
    fleet.lists(instances(2));

    assertThat(seen)
        .extracting(
            snapshot -> snapshot.instances().stream().map(Instance::state).toList())
        .containsExactly(List.of(State.UP), List.of(State.DOWN), List.of(State.DOWN, State.UP));
    assertThat(seen).extracting(Snapshot::version).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void age_isThatOfTheRegistrysList() {
    fleet.lists(instances(1));
    assertThat(states()).hasSize(1);
    long version = checked.current(SERVICE).version();

    fleet.time.advance(Duration.ofMinutes(1));
    fleet.lists(instances(1));

    assertThat(checked.current(SERVICE).age(fleet.time)).contains(Duration.ZERO);
    assertThat(checked.current(SERVICE).version()).isEqualTo(version);
  }

  @Test
  void balancer_leavesOutWhoDoesNotAnswer_butNotAll() {
    fleet.lists(instances(4));
    LoadBalancer balancer = LoadBalancer.leastLoaded(checked).ticker(fleet.time).build();
    assertThat(Fleet.calls(balancer, PickContext.any(), 100)).hasSize(4);

    patients.ill.add("i1");
    fleet.time.advance(Duration.ofMinutes(1));
    assertThat(Fleet.calls(balancer, PickContext.any(), 100)).containsOnlyKeys("i2", "i3", "i4");

    patients.ill.addAll(Set.of("i2", "i3", "i4"));
    fleet.time.advance(Duration.ofMinutes(1));
    assertThat(Fleet.calls(balancer, PickContext.any(), 100)).hasSize(4);
  }

  @Test
  void closed_asksNobody() {
    fleet.lists(instances(5));
    assertThat(states()).hasSize(5);

    checked.close();
    checked.close();
    fleet.time.advance(Duration.ofMinutes(1));

    assertThat(patients.asked).isEmpty();
    assertThat(fleet.time.pendingTasks()).isZero();
    assertThatThrownBy(() -> checked.current("payments"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("payments: these health checks are closed");
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> builder()
            .interval(Duration.ZERO)
            .timeout(Duration.ofSeconds(-1))
            .unhealthyAfter(0)
            .healthyAfter(0)
            .maxProbes(0)
            .build())
        .hasMessage("interval: PT0S (expected: more than zero); "
            + "timeout: PT-1S (expected: more than zero); "
            + "unhealthyAfter: 0 (expected: 1 or more); "
            + "healthyAfter: 0 (expected: 1 or more); "
            + "maxProbes: 0 (expected: 1 or more)");
  }

  private HealthChecks.Builder builder() {
    return HealthChecks.builder(fleet.discovery, patients, fleet.time, Runnable::run)
        .random(new SplittableRandom(4711));
  }

  private List<State> states() {
    return checked.current(SERVICE).instances().stream().map(Instance::state).toList();
  }

  /** Lets time pass until an instance was asked so often. */
  private void probes(String id, int count) {
    int until = patients.askedOf(id) + count;
    while (patients.askedOf(id) < until) {
      fleet.time.advance(Duration.ofMillis(10));
    }
  }

  /** Answer at once, well or not, or never. */
  private static final class Patients implements Probe {

    final Set<String> ill = new HashSet<>();
    final Set<String> silent = new HashSet<>();
    final List<String> asked = new ArrayList<>();
    final List<CompletableFuture<?>> unanswered = new ArrayList<>();
    long mostUnderWay;
    private final Map<String, Integer> count = new TreeMap<>();

    int askedOf(String id) {
      return count.getOrDefault(id, 0);
    }

    @Override
    public CompletionStage<?> check(Instance instance, Duration timeout) {
      String id = instance.id();
      asked.add(id);
      count.merge(id, 1, Integer::sum);
      if (silent.contains(id)) {
        CompletableFuture<Void> never = new CompletableFuture<>();
        unanswered.add(never);
        long underWay = unanswered.stream().filter(one -> !one.isDone()).count();
        mostUnderWay = Math.max(mostUnderWay, underWay);
        return never;
      }
      return ill.contains(id)
          ? CompletableFuture.failedFuture(new IOException(id + " is ill"))
          : CompletableFuture.completedFuture(id);
    }
  }
}
