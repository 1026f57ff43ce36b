package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TickerClockTest {

  private final ManualTime time = ManualTime.create();
  private final TickerClock clock = new TickerClock(time);

  @Test
  void instant_beginsAtTheEpoch_andFollowsTheTicker() {
    assertThat(clock.instant()).isEqualTo(Instant.EPOCH);

    time.advance(Duration.ofMillis(90_001));

    assertThat(clock.instant()).isEqualTo(Instant.EPOCH.plusMillis(90_001));
    assertThat(clock.millis()).isEqualTo(90_001);
  }

  @Test
  void instant_isOneWithinAMillisecond_andAnotherInTheNext() {
    time.advance(Duration.ofMillis(7));
    Instant first = clock.instant();

    time.advance(Duration.ofNanos(999_999));
    assertThat(clock.instant()).isSameAs(first);
    time.advance(Duration.ofNanos(1));

    assertThat(clock.instant()).isEqualTo(first.plusMillis(1));
  }
}
