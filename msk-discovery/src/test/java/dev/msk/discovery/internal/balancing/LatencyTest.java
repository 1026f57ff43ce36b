package dev.msk.discovery.internal.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.Ticker;
import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.Lease.Outcome;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The moving average, beside one that is worked out as its definition says. */
final class LatencyTest {

  private static final double DECAY = 10e9;

  private final ManualTime time = ManualTime.create();

  @Test
  void comparison_isThatOfTheDecayedAverages() {
    SplittableRandom random = new SplittableRandom(4711);
    Latency[] latencies = {latency(), latency(), latency()};
    ByDefinition[] definitions = {new ByDefinition(), new ByDefinition(), new ByDefinition()};

    for (int step = 0; step < 20_000; step++) {
      time.advance(
          Duration.ofNanos(random.nextLong(step % 100 == 0 ? 20_000_000_000L : 5_000_000)));
      int which = random.nextInt(3);
      long nanos = (long) Math.exp(random.nextDouble() * 20);
      latencies[which].done(Outcome.OK, nanos, 0);
      definitions[which].done(nanos);

      int[] loads = {random.nextInt(2000), random.nextInt(20), random.nextInt(20)};
      double ours = latencies[0].cost(loads[0]) - latencies[1].cost(loads[1]);
      double theirs = definitions[0].cost(loads[0]) / definitions[1].cost(loads[1]);
      // Where either is untried, or both are equal but for rounding, there is nothing to compare.
      if (Double.isFinite(theirs) && theirs > 0 && Math.abs(Math.log(theirs)) > 1e-5) {
        assertThat(ours > 0).as("step %d: %s and %s", step, ours, theirs).isEqualTo(theirs > 1);
      }
    }
  }

  @Test
  void peak_isBelievedAtOnce_andDecays() {
    Latency peak = latency();
    peak.done(Outcome.OK, 1_000_000, 0);
    peak.done(Outcome.OK, 1_000_000_000, 0);
    Latency steady = latency();
    steady.done(Outcome.OK, 500_000_000, 0);
    assertThat(peak.cost(0)).isGreaterThan(steady.cost(0));

    // To half in 10 s * ln 2 = 6.93 s.
    time.advance(Duration.ofMillis(6900));
    steady.done(Outcome.OK, 500_000_000, 0);
    assertThat(peak.cost(0)).isGreaterThan(steady.cost(0));
    time.advance(Duration.ofMillis(60));
    steady.done(Outcome.OK, 500_000_000, 0);
    assertThat(peak.cost(0)).isLessThan(steady.cost(0));
  }

  @Test
  void failure_raises_andNeverLowers() {
    Latency latency = latency();
    latency.done(Outcome.OK, 100_000_000, 0);
    double before = latency.cost(0);

    latency.done(Outcome.FAILED, 1000, 0);
    latency.done(Outcome.CANCELLED, 0, 0);
    assertThat(latency.cost(0)).isEqualTo(before);

    latency.done(Outcome.FAILED, 5_000_000_000L, 0);
    assertThat(latency.cost(0)).isGreaterThan(before);
  }

  @Test
  void firstCallThatFails_countsAsASecond() {
    Latency failed = latency();
    failed.done(Outcome.FAILED, 1000, 0);
    Latency slow = latency();
    slow.done(Outcome.OK, 999_000_000, 0);

    assertThat(failed.cost(0)).isGreaterThan(slow.cost(0));
  }

  @Test
  void untried_costsNothingWhileIdle_andMostWhileItIsTried() {
    Latency untried = latency();
    Latency slow = latency();
    slow.done(Outcome.OK, Long.MAX_VALUE, 0);

    assertThat(untried.cost(0)).isLessThan(slow.cost(0));
    assertThat(untried.cost(1)).isGreaterThan(slow.cost(1_000_000));
    assertThat(untried.cost(2)).isGreaterThan(untried.cost(1));
  }

  @Test
  void manyCalls_areLookedAtInPart_andTheAverageIsTheSame() {
    CountedTime counted = new CountedTime();
    Latency latency = new Latency(counted, 0, DECAY);
    Latency steady = latency();
    ByDefinition definition = new ByDefinition();
    SplittableRandom random = new SplittableRandom(4711);
    latency.done(Outcome.OK, 50_000_000, 0);
    definition.done(50_000_000);

    for (int turn = 1; turn < 400_000; turn++) {
      time.advance(Duration.ofNanos(random.nextLong(100_000)));
      long nanos = random.nextLong(5_000_000, 6_000_000);
      latency.done(Outcome.OK, nanos, turn);
      definition.done(nanos);
    }
    steady.done(Outcome.OK, (long) definition.average, 0);

    // 20 s: what is left of the peak is a seventh, so that those below it have made the rest.
    assertThat(definition.average).isBetween(11e6, 13e6);
    assertThat(latency.cost(0) - steady.cost(0)).isBetween(-0.001, 0.001);
    assertThat(counted.readings).isLessThan(400_000 / 10);
  }

  @Test
  void slowCallAmongMany_isSeenAtOnce() {
    Latency latency = busy();
    double before = latency.cost(0);

    latency.done(Outcome.OK, 10_000_001, 1);

    assertThat(latency.cost(0)).isGreaterThan(before);
  }

  @Test
  void fewCallsAfterMany_areAllLookedAt_fromTheSixtyFourthOn() {
    Latency latency = busy();

    for (int turn = 1; turn <= 64; turn++) {
      time.advance(Duration.ofSeconds(1));
      latency.done(Outcome.OK, 1_000_000, turn);
    }
    double before = latency.cost(0);
    time.advance(Duration.ofSeconds(1));
    latency.done(Outcome.OK, 1_000_000, 65);

    assertThat(latency.cost(0)).isNotEqualTo(before);
  }

  /** After so many calls of 1 ms in so little time that one of sixty-four is looked at. */
  private Latency busy() {
    Latency latency = latency();
    latency.done(Outcome.OK, 10_000_000, 0);
    for (int turn = 1; turn <= 1024; turn++) {
      time.advance(Duration.ofNanos(1_000));
      latency.done(Outcome.OK, 1_000_000, turn);
    }
    return latency;
  }

  private Latency latency() {
    return new Latency(time, 0, DECAY);
  }

  private final class CountedTime implements Ticker {

    private int readings;

    @Override
    public long nanoTime() {
      readings++;
      return time.nanoTime();
    }
  }

  private final class ByDefinition {

    private double average;
    private long stamp;

    void done(long nanos) {
      double kept = Math.exp(-(time.nanoTime() - stamp) / DECAY);
      average = nanos > average * kept ? nanos : average * kept + nanos * (1 - kept);
      stamp = time.nanoTime();
    }

    double cost(int load) {
      return average * Math.exp(-(time.nanoTime() - stamp) / DECAY) * (load + 1);
    }
  }
}
