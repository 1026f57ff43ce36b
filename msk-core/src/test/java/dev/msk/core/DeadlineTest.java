package dev.msk.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  private final ManualTime time = ManualTime.create();

  @Test
  void deadline_whenTimePasses_expires() {
    Deadline deadline = Deadline.after(Duration.ofMillis(5), time);

    assertThat(deadline.isExpired()).isFalse();
    time.advance(Duration.ofMillis(5));
    assertThat(deadline.isExpired()).isTrue();
    assertThat(deadline.remaining()).isZero();
    assertThat(deadline.remainingNanos()).isZero();
  }

  @Test
  void at_aReading_passesThere() {
    time.advance(Duration.ofMillis(2));
    Deadline deadline = Deadline.at(time.nanoTime() + 5, time);

    assertThat(deadline.remainingNanos()).isEqualTo(5);
    time.advance(Duration.ofNanos(5));
    assertThat(deadline.isExpired()).isTrue();
  }

  @Test
  void after_negative_hasPassed() {
    assertThat(Deadline.after(Duration.ofDays(-1), time).isExpired()).isTrue();
  }

  @Test
  void after_endless_isCut() {
    Deadline deadline = Deadline.after(Duration.ofSeconds(Long.MAX_VALUE), time);

    assertThat(deadline.isExpired()).isFalse();
    assertThat(deadline.remaining()).isGreaterThan(Duration.ofDays(365 * 70));
  }

  @Test
  void deadline_whenTickerOverflows_stillHolds() {
    long[] now = {Long.MAX_VALUE - 10};
    Deadline deadline = Deadline.after(Duration.ofNanos(20), () -> now[0]);

    now[0] += 15;
    assertThat(deadline.isExpired()).isFalse();
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(5));
    assertThat(deadline.remainingNanos()).isEqualTo(5);
    now[0] += 5;
    assertThat(deadline.isExpired()).isTrue();
  }
}
