package dev.msk.observability.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.release.ReleaseJudge.Fail;
import dev.msk.core.release.ReleaseJudge.Inconclusive;
import dev.msk.core.release.ReleaseJudge.Pass;
import dev.msk.core.release.ReleaseJudge.Verdict;
import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CanaryJudgeTest {

  private static final long FAST = Duration.ofMillis(20).toNanos();

  private final ManualTime time = ManualTime.create();
  private final CanaryJudge judge = CanaryJudge.builder().ticker(time).build();

  @Test
  void noTraffic_isNeverAVerdict() {
    assertThat(verdict())
        .isInstanceOfSatisfying(
            Inconclusive.class,
            unknown -> assertThat(unknown.reason()).isEqualTo("1.5: no calls (expected: 100)"));

    calls("1.4", 10_000, 0, FAST);
    assertThat(verdict()).isInstanceOf(Inconclusive.class);

    calls("1.5", 10, 0, FAST);
    assertThat(verdict())
        .isInstanceOfSatisfying(
            Inconclusive.class,
            few ->
                assertThat(few.reason()).isEqualTo("calls: 10 and 10000 (expected: 100 of each)"));
  }

  @Test
  void candidateThatDoesAsWell_passes() {
    calls("1.4", 9_990, 10, FAST);
    calls("1.5", 999, 1, FAST);

    assertThat(verdict()).isInstanceOf(Pass.class);
    assertThat(verdict().figures())
        .containsEntry("candidate.calls", 1_000.0)
        .containsEntry("candidate.error_ratio", 0.001)
        .containsEntry("baseline.calls", 10_000.0)
        .containsKeys("candidate.p99", "baseline.p99", "error_ratio.difference.at_most");
  }

  @Test
  void candidateThatFailsHalfOfItsCalls_isFoundWithTwenty() {
    calls("1.4", 200, 0, FAST);
    calls("1.5", 9, 10, FAST);
    assertThat(verdict()).isInstanceOf(Inconclusive.class);

    calls("1.5", 1, 0, FAST);

    assertThat(verdict())
        .isInstanceOfSatisfying(
            Fail.class,
            fail -> assertThat(fail.reason()).isEqualTo("error ratio 0.5, baseline 0.0"));
  }

  @Test
  void outageThatHitsBoth_isNotTheCandidatesFault() {
    calls("1.4", 5_000, 5_000, FAST);
    calls("1.5", 500, 500, FAST);

    assertThat(verdict()).isInstanceOf(Inconclusive.class);
  }

  @Test
  void slowCandidate_fails() {
    calls("1.4", 1_000, 0, FAST);
    calls("1.5", 980, 0, FAST);
    calls("1.5", 20, 0, Duration.ofMillis(400).toNanos());

    assertThat(verdict())
        .isInstanceOfSatisfying(
            Fail.class,
            fail -> assertThat(fail.reason()).startsWith("p99 0.4").contains("baseline 0.02"));
  }

  @Test
  void microseconds_areNotSlow() {
    calls("1.4", 1_000, 0, 100_000);
    calls("1.5", 1_000, 0, 900_000);

    assertThat(verdict()).isInstanceOf(Pass.class);
  }

  @Test
  void latency_isNotComparedOfFewCalls_andHoldsUpThePass() {
    calls("1.4", 1_000, 0, FAST);
    calls("1.5", 450, 0, FAST);

    assertThat(verdict())
        .isInstanceOfSatisfying(
            Inconclusive.class,
            few -> assertThat(few.reason())
                .isEqualTo("p99: of 450 and 1000 calls (expected: 500 of each)"));
    CanaryJudge noLatency = CanaryJudge.builder()
        .ticker(time)
        .latencyRatio(Double.POSITIVE_INFINITY)
        .build();
    for (int i = 0; i < 450; i++) {
      noLatency.calls("orders", "1.4").ended(true, FAST);
      noLatency.calls("orders", "1.5").ended(true, 20 * FAST);
    }
    assertThat(noLatency.judge("orders", "1.5", "1.4")).isInstanceOf(Pass.class);
  }

  @Test
  void whatIsOver_doesNotFail() {
    calls("1.4", 1_000, 0, FAST);
    calls("1.5", 50, 50, FAST);
    assertThat(verdict()).isInstanceOf(Fail.class);

    time.advance(Duration.ofSeconds(65));
    calls("1.4", 1_000, 0, FAST);
    calls("1.5", 100, 0, FAST);
    assertThat(verdict()).isInstanceOf(Inconclusive.class);

    time.advance(Duration.ofMinutes(6));
    calls("1.4", 1_000, 0, FAST);
    calls("1.5", 1_000, 0, FAST);
    assertThat(verdict()).isInstanceOf(Pass.class);
  }

  @Test
  void equalVersions_areAlmostNeverFailed() {
    Random random = new Random(20261130);
    int fails = 0;
    for (int trial = 0; trial < 2_000; trial++) {
      CanaryJudge fresh = CanaryJudge.builder()
          .ticker(time)
          .latencyRatio(Double.POSITIVE_INFINITY)
          .build();
      for (int i = 0; i < 200; i++) {
        fresh.calls("orders", "1.5").ended(random.nextInt(100) >= 5, FAST);
      }
      for (int i = 0; i < 1_000; i++) {
        fresh.calls("orders", "1.4").ended(random.nextInt(100) >= 5, FAST);
      }
      if (fresh.judge("orders", "1.5", "1.4") instanceof Fail) {
        fails++;
      }
    }

    // Half a per cent is what the test allows itself; three times as much would be a wrong test.
    assertThat(fails).isLessThan(30);
  }

  @Test
  void versions_areBounded_andThoseThatAreNotCalledMakeRoom() {
    for (int i = 0; i < 200; i++) {
      judge.calls("orders", "0." + i).ended(true, FAST);
    }
    calls("1.5", 1_000, 0, FAST);
    calls("1.4", 1_000, 0, FAST);
    assertThat(verdict()).isInstanceOf(Inconclusive.class);

    time.advance(Duration.ofMinutes(6));
    calls("1.5", 1_000, 0, FAST);
    calls("1.4", 1_000, 0, FAST);
    assertThat(verdict()).isInstanceOf(Pass.class);
  }

  @Test
  void whatIsOutOfBounds_isNamed() {
    assertThatThrownBy(() -> CanaryJudge.builder()
            .window(Duration.ofSeconds(1))
            .minimumCalls(0, 1, 1)
            .tolerance(0)
            .latencyRatio(1)
            .build())
        .hasMessage(
            "window: PT1S (expected: 10 s or more); minimumCalls toFail: 0 (expected: 1 or more);"
                + " tolerance: 0.0 (expected: more than 0, at most 1); latencyRatio: 1.0 (expected: more than 1)");
  }

  private void calls(String version, int good, int bad, long nanos) {
    for (int i = 0; i < good; i++) {
      judge.calls("orders", version).ended(true, nanos);
    }
    for (int i = 0; i < bad; i++) {
      judge.calls("orders", version).ended(false, nanos);
    }
  }

  private Verdict verdict() {
    return judge.judge("orders", "1.5", "1.4");
  }
}
