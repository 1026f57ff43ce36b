package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The limit before a server of 20 workers that takes 50 ms for a call, and so can do 400 calls a second. */
class AdaptiveLimitTest {

  private static final Duration NORMAL = Duration.ofMillis(50);

  private final ManualTime time = ManualTime.create();
  private final QueueingServer server = new QueueingServer(time, 20, NORMAL);
  private final AdaptiveLimit limit = AdaptiveLimit.builder().ticker(time).build();
  private final List<Long> latencies = new ArrayList<>();
  private int refused;

  @Test
  void twiceTheLoadThatTheServerCanDo_isHalved_andAnswersStayFast() {
    offer(800, Duration.ofSeconds(20));

    assertThat(limit.limit()).isBetween(25, 45);
    assertThat(latencies.size() / 20.0).as("answers a second").isBetween(380.0, 400.5);
    assertThat(median()).as("milliseconds, of 10 s without a limit").isLessThanOrEqualTo(120);
  }

  @Test
  void loadThatTheServerCanDo_isNotTouched() {
    offer(300, Duration.ofSeconds(20));

    assertThat(refused).isZero();
    assertThat(limit.limit()).isGreaterThanOrEqualTo(20);
  }

  @Test
  void risingLatency_bringsItDown_andFallingLatencyUpAgain() {
    offer(800, Duration.ofSeconds(20));
    int before = limit.limit();

    server.serviceTime(Duration.ofMillis(400));
    offer(800, Duration.ofSeconds(20));
    int slow = limit.limit();
    server.serviceTime(NORMAL);
    offer(800, Duration.ofSeconds(20));

    assertThat(slow).isLessThanOrEqualTo(before / 2);
    assertThat(limit.limit())
        .as("a little higher: the long average has learned of the slow time")
        .isBetween(before, 2 * before);
  }

  @Test
  void droppedCalls_bringItDown_howeverFast() {
    for (int window = 0; window < 20; window++) {
      time.advance(Duration.ofMillis(100));
      for (int i = 0; i < 20; i++) {
        assertThat(limit.tryEnter(Priority.CRITICAL)).isTrue();
        limit.leave(
            i == 0 ? Outcome.Kind.OVERLOADED : Outcome.Kind.OK,
            time.nanoTime() - 1_000,
            time.nanoTime());
      }
    }

    assertThat(limit.limit()).isEqualTo(5);
  }

  @Test
  void littleUsed_doesNotGrow() {
    offer(40, Duration.ofSeconds(30));

    assertThat(limit.limit()).isEqualTo(20);
  }

  @Test
  void priorities_areRefusedOneAfterTheOther() {
    List<Priority> entered = new ArrayList<>();
    for (Priority priority : List.of(Priority.SHEDDABLE, Priority.DEFAULT, Priority.CRITICAL)) {
      while (limit.tryEnter(priority)) {
        entered.add(priority);
      }
    }

    assertThat(Collections.frequency(entered, Priority.SHEDDABLE)).isEqualTo(16);
    assertThat(Collections.frequency(entered, Priority.DEFAULT)).isEqualTo(2);
    assertThat(Collections.frequency(entered, Priority.CRITICAL)).isEqualTo(2);
    assertThat(limit.inFlight()).isEqualTo(20);
  }

  @Test
  void limitOfOne_letsEveryPriorityIn() {
    for (Priority priority : Priority.values()) {
      assertThat(priority.shareOf(1)).isOne();
    }
  }

  @Test
  void whatFailsAtOnce_saysNothing() {
    for (int i = 0; i < 1_000; i++) {
      time.advance(Duration.ofMillis(10));
      assertThat(limit.tryEnter(Priority.DEFAULT)).isTrue();
      limit.leave(Outcome.Kind.FAILED, time.nanoTime(), time.nanoTime());
    }

    assertThat(limit.limit()).isEqualTo(20);
    assertThat(limit.inFlight()).isZero();
  }

  @Test
  void policyWithALimit_refusesByPriority() {
    CallPolicy policy = CallPolicy.builder("orders")
        .limit(AdaptiveLimit.builder().initial(10).ticker(time).build())
        .ticker(time)
        .build();
    CallSpec batch = CallSpec.once().priority(Priority.SHEDDABLE);
    for (int i = 0; i < 8; i++) {
      assertThat(policy.acquire(batch)).isInstanceOf(Attempt.class);
    }

    assertThat(policy.acquire(batch))
        .isEqualTo(new Refused(RefusalReason.LIMIT_REACHED, Duration.ZERO));
    assertThat(policy.acquire(CallSpec.once().priority(Priority.CRITICAL)))
        .isInstanceOf(Attempt.class);
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> AdaptiveLimit.builder().min(0).max(-1).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("min: 0 (expected: 1 or more); "
            + "max: -1 (expected: at least 0, the least, at most 1,000,000); "
            + "initial: 20 (expected: between 0 and -1, the least and the most)");
  }

  private void offer(int perSecond, Duration duration) {
    Duration gap = Duration.ofSeconds(1).dividedBy(perSecond);
    for (long i = 0; i < duration.dividedBy(gap); i++) {
      time.advance(gap);
      if (!limit.tryEnter(Priority.CRITICAL)) {
        refused++;
        continue;
      }
      long startedAt = time.nanoTime();
      server.serve(() -> {
        limit.leave(Outcome.Kind.OK, startedAt, time.nanoTime());
        latencies.add((time.nanoTime() - startedAt) / 1_000_000);
      });
    }
  }

  private long median() {
    return latencies.stream().sorted().skip(latencies.size() / 2).findFirst().orElseThrow();
  }
}
