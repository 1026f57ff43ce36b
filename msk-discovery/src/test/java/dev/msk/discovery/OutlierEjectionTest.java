package dev.msk.discovery;

import static dev.msk.discovery.Fleet.SERVICE;
import static dev.msk.discovery.Fleet.calls;
import static dev.msk.discovery.Fleet.instances;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Lease.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who is taken out because calls fail there, for how long, and who never is. */
final class OutlierEjectionTest {

  private static final PickContext ANY = PickContext.any();

  private final Fleet fleet = new Fleet();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private List<Instance> listed = instances(10);
  private LoadBalancer balancer = balancer(OutlierEjection.builder().build());

  @Test
  void fiveFailuresInARow_takeAnInstanceOut_forHalfAMinute() {
    list(instances(10));

    fail(1, 4);
    assertThat(calls(balancer, ANY, 1000)).containsKey("i1");
    fail(1, 5);

    assertThat(calls(balancer, ANY, 1000)).hasSize(9).doesNotContainKey("i1");
    fleet.time.advance(Duration.ofMillis(29_999));
    assertThat(calls(balancer, ANY, 1000)).doesNotContainKey("i1");
    fleet.time.advance(Duration.ofMillis(1));
    assertThat(calls(balancer, ANY, 1000)).containsKey("i1");
  }

  @Test
  void successInBetween_beginsTheCountAnew() {
    list(instances(10));

    for (int i = 0; i < 10; i++) {
      fail(1, 4);
      end(1, Outcome.OK, 1);
    }

    assertThat(calls(balancer, ANY, 1000)).containsKey("i1");
  }

  @Test
  void callsThatWereGivenUp_sayNothing() {
    list(instances(10));

    fail(1, 4);
    end(1, Outcome.CANCELLED, 100);
    assertThat(calls(balancer, ANY, 1000)).containsKey("i1");
  }

  @Test
  void instanceThatComesBack_getsATenthOfItsShareAtFirst() {
    list(instances(10));
    fail(1, 5);

    fleet.time.advance(Duration.ofSeconds(30));
    Map<String, Integer> calls = calls(balancer, ANY, 9100);

    assertThat(calls.get("i1")).isBetween(60, 140);
  }

  @Test
  void eachEjection_isLongerThanTheLast_upToFiveMinutes() {
    list(instances(10));

    for (int seconds : new int[] {30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300}) {
      fail(1, 5);
      fleet.time.advance(Duration.ofSeconds(seconds).minusMillis(1));
      assertThat(calls(balancer, ANY, 300)).doesNotContainKey("i1");
      fleet.time.advance(Duration.ofMillis(1));
      assertThat(calls(balancer, ANY, 3000)).containsKey("i1");
    }
  }

  @Test
  void goodStanding_forgivesOneEjectionEachTenSeconds() {
    list(instances(10));
    fail(1, 5);
    fleet.time.advance(Duration.ofSeconds(30));
    assertThat(calls(balancer, ANY, 3000)).containsKey("i1");

    fleet.time.advance(Duration.ofSeconds(10));
    fail(1, 5);

    fleet.time.advance(Duration.ofSeconds(30));
    assertThat(calls(balancer, ANY, 3000)).containsKey("i1");
  }

  @Test
  void noMoreThanATenth_isOut() {
    list(instances(29));

    for (int number = 1; number <= 10; number++) {
      fail(number, 20);
    }

    assertThat(calls(balancer, ANY, 10_000)).hasSize(27).doesNotContainKeys("i1", "i2");
  }

  @Test
  void whoWasSpared_isTakenOutWithTheNextFailure_whenThereIsRoom() {
    list(instances(10));
    fail(1, 5);
    fail(2, 5);

    fleet.time.advance(Duration.ofSeconds(30));
    fail(2, 1);

    assertThat(calls(balancer, ANY, 3000)).doesNotContainKey("i2").containsKey("i1");
  }

  @Test
  void oneFailureAmongManyCalls_isNoOutlier_thoughNobodyElseFailed() {
    list(instances(10));

    callAll(1000, 1000);
    fleet.time.advance(Duration.ofSeconds(10));
    fail(1, 1);

    assertThat(calls(balancer, ANY, 1000)).hasSize(10);
  }

  @Test
  void oneOfTwo_mayBeOut_theOtherNot() {
    list(instances(2));

    fail(1, 5);
    end(2, Outcome.FAILED, 5);

    assertThat(calls(balancer, ANY, 100)).containsOnlyKeys("i2");
  }

  @Test
  void onlyInstance_isNeverOut() {
    list(instances(1));

    fail(1, 1000);

    assertThat(calls(balancer, ANY, 10)).containsOnlyKeys("i1");
  }

  @Test
  void successRateFarBelowTheOthers_takesAnInstanceOut_afterTheWindow() {
    list(instances(10));

    callAll(100, 3);
    assertThat(calls(balancer, ANY, 1000)).containsKey("i1");
    fleet.time.advance(Duration.ofSeconds(10));
    fail(1, 1);

    assertThat(calls(balancer, ANY, 1000)).hasSize(9).doesNotContainKey("i1");
    assertThat(telemetry.count("discovery.balancer.ejections", SERVICE, "success_rate"))
        .isEqualTo(1);
  }

  @Test
  void windowWithFewCalls_saysNothing() {
    list(instances(10));

    callAll(99, 3);
    fleet.time.advance(Duration.ofSeconds(10));
    end(2, Outcome.FAILED, 1);

    assertThat(calls(balancer, ANY, 1000)).hasSize(10);
  }

  @Test
  void windowWithFewInstances_saysNothing() {
    list(instances(4));

    callAll(1000, 3);
    fleet.time.advance(Duration.ofSeconds(10));
    fail(1, 1);

    assertThat(calls(balancer, ANY, 1000)).hasSize(4);
  }

  @Test
  void windowThatNobodyEndedInTime_saysNothing() {
    list(instances(10));

    callAll(100, 3);
    fleet.time.advance(Duration.ofSeconds(20));
    fail(1, 1);

    assertThat(calls(balancer, ANY, 1000)).hasSize(10);
  }

  @Test
  void failuresOfAll_areNobodysFault() {
    list(instances(10));

    for (Instance instance : listed) {
      for (int i = 0; i < 100; i++) {
        Fleet.end(balancer, listed, instance, i % 2 == 0 ? Outcome.FAILED : Outcome.OK, 1);
      }
    }
    fleet.time.advance(Duration.ofSeconds(10));
    fail(1, 1);

    assertThat(calls(balancer, ANY, 1000)).hasSize(10);
  }

  @Test
  void ejectedOnes_countAsUnhealthy_inAPanic() {
    List<Instance> all = Fleet.with(
        Fleet.in(State.UP, instances(2)),
        Fleet.in(
            State.DOWN, List.of(Fleet.instance(3).build(), Fleet.instance(4).build())));
    list(all);
    assertThat(calls(balancer, ANY, 100)).containsOnlyKeys("i1", "i2");
    assertThat(telemetry.reading("discovery.balancer.panic", SERVICE)).hasValue(0);

    fail(1, 5);

    assertThat(calls(balancer, ANY, 1000)).containsOnlyKeys("i1", "i2", "i3", "i4");
    assertThat(telemetry.reading("discovery.balancer.panic", SERVICE)).hasValue(1);
  }

  @Test
  void versionThatIsEjectedAsAWhole_isCalledAllTheSame() {
    Instance canary = Fleet.instance(11).version("2").build();
    list(Fleet.with(instances(10), List.of(canary)));

    for (int i = 0; i < 5; i++) {
      balancer.pick(SERVICE, ANY.version("2")).orElseThrow().done(Outcome.FAILED, 1);
    }

    assertThat(calls(balancer, ANY, 1000)).doesNotContainKey("i11");
    assertThat(calls(balancer, ANY.version("2"), 10)).containsOnlyKeys("i11");
  }

  @Test
  void retry_asksWhoIsEjected_onlyWhenAllOthersWereTried() {
    list(instances(3));
    fail(1, 5);

    PickContext retry = ANY.excluding(listed.get(1));
    assertThat(calls(balancer, retry, 100)).containsOnlyKeys("i3");
    PickContext last = retry.excluding(listed.get(2));
    assertThat(calls(balancer, last, 100)).containsOnlyKeys("i1");
    assertThat(balancer.pick(SERVICE, last.excluding(listed.get(0)))).isEmpty();
  }

  @Test
  void failuresWhileItIsOut_areForgivenOnReturn() {
    list(instances(10));
    fail(1, 20);

    fleet.time.advance(Duration.ofSeconds(30));
    fail(1, 4);

    assertThat(calls(balancer, ANY, 3000)).containsKey("i1");
  }

  @Test
  void ejection_outlivesAChangeOfTheList_andEndsWithTheInstance() {
    list(instances(10));
    fail(1, 5);

    list(instances(11));
    assertThat(calls(balancer, ANY, 3000)).doesNotContainKey("i1");

    list(instances(11).subList(1, 11));
    list(instances(11));
    assertThat(calls(balancer, ANY, 30_000)).containsKey("i1");
  }

  @Test
  void none_takesNobodyOut() {
    balancer = balancer(OutlierEjection.none());
    list(instances(10));

    fail(1, 1000);

    assertThat(calls(balancer, ANY, 1000)).hasSize(10);
  }

  @Test
  void gaugesAndCounters_sayWhoIsOut() {
    list(Fleet.with(
        instances(10), Fleet.in(State.DRAINING, List.of(Fleet.instance(11).build()))));

    fail(1, 5);

    assertThat(instancesIn("ejected")).isEqualTo(1);
    assertThat(instancesIn("up")).isEqualTo(9);
    assertThat(instancesIn("draining")).isEqualTo(1);
    assertThat(instancesIn("down")).isZero();
    assertThat(telemetry.count("discovery.balancer.ejections", SERVICE, "consecutive_failures"))
        .isEqualTo(1);
    balancer.close();
    assertThat(telemetry.reading("discovery.balancer.instances", SERVICE, "up")).isEmpty();
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> OutlierEjection.builder()
            .consecutiveFailures(-1)
            .deviations(Double.NaN)
            .minInstances(1)
            .minCalls(0)
            .interval(Duration.ZERO)
            .baseTime(Duration.ofSeconds(3))
            .maxTime(Duration.ofSeconds(2))
            .maxEjected(1.1)
            .build())
        .hasMessage("consecutiveFailures: -1 (expected: 0 or more); "
            + "deviations: NaN (expected: 0 or more); "
            + "minInstances: 1 (expected: 2 or more); "
            + "minCalls: 0 (expected: 1 or more); "
            + "interval: PT0S (expected: more than zero); "
            + "maxTime: PT2S (expected: baseTime or more); "
            + "maxEjected: 1.1 (expected: 0 to 1)");
  }

  private double instancesIn(String state) {
    return telemetry.reading("discovery.balancer.instances", SERVICE, state).orElseThrow();
  }

  /** At each instance so many calls go well, but at the first every third fails. */
  private void callAll(int count, int failsEach) {
    for (Instance instance : listed) {
      boolean fails = instance.id().equals("i1");
      for (int i = 0; i < count; i++) {
        boolean failed = fails && i % failsEach == 0;
        Fleet.end(balancer, listed, instance, failed ? Outcome.FAILED : Outcome.OK, 1);
      }
    }
  }

  private void fail(int number, int times) {
    end(number, Outcome.FAILED, times);
  }

  private void end(int number, Outcome outcome, int times) {
    Instance instance =
        listed.stream().filter(i -> i.id().equals("i" + number)).findFirst().orElseThrow();
    Fleet.end(balancer, listed, instance, outcome, times);
  }

  private void list(List<Instance> instances) {
    listed = instances;
    fleet.lists(instances);
  }

  private LoadBalancer balancer(OutlierEjection ejection) {
    return LoadBalancer.leastLoaded(fleet.discovery)
        .ejection(ejection)
        .random(new SplittableRandom(4711))
        .ticker(fleet.time)
        .telemetry(telemetry)
        .build();
  }
}
