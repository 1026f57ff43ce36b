package dev.msk.core.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualTimeTest {

  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private final ManualTime time = ManualTime.startingAt(START);
  private final List<String> ran = new ArrayList<>();

  @Test
  void advance_runsWhatComesDueInOrder() {
    time.schedule(Duration.ofSeconds(2), () -> ran.add("b at " + time.instant()));
    time.schedule(Duration.ofSeconds(1), () -> ran.add("a at " + time.instant()));
    time.schedule(Duration.ofSeconds(2), () -> ran.add("c at " + time.instant()));
    time.schedule(Duration.ofSeconds(9), () -> ran.add("d"));

    time.advance(Duration.ofSeconds(5));

    assertThat(ran)
        .containsExactly(
            "a at 2026-03-01T12:00:01Z", "b at 2026-03-01T12:00:02Z", "c at 2026-03-01T12:00:02Z");
    assertThat(time.instant()).isEqualTo(START.plusSeconds(5));
    assertThat(time.nanoTime()).isEqualTo(5_000_000_000L);
    assertThat(time.pendingTasks()).isOne();
  }

  @Test
  void advance_runsWhatATaskSchedules() {
    time.schedule(
        Duration.ofSeconds(1), () -> time.schedule(Duration.ofSeconds(1), () -> ran.add("second")));

    time.advance(Duration.ofSeconds(2));

    assertThat(ran).containsExactly("second");
  }

  @Test
  void advance_afterAFailedTask_goesOn() {
    time.schedule(Duration.ofSeconds(1), () -> {
      throw new IllegalStateException("expected by the test: logged");
    });
    time.schedule(Duration.ofSeconds(1), () -> ran.add("next"));

    time.advance(Duration.ofSeconds(1));

    assertThat(ran).containsExactly("next");
  }

  @Test
  void cancel_beforeTheRun_preventsIt() {
    Scheduler.Task task = time.schedule(Duration.ofSeconds(1), () -> ran.add("cancelled"));
    assertThat(task.cancel()).isTrue();
    assertThat(task.cancel()).isFalse();

    time.advance(Duration.ofSeconds(1));

    assertThat(ran).isEmpty();
  }

  @Test
  void advance_backwards_isRefused() {
    assertThatThrownBy(() -> time.advance(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("by: PT-1S (expected: zero or more)");
  }
}
