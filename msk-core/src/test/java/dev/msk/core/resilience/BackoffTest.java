package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private static final int DRAWS = 100_000;

  private final SplittableRandom random = new SplittableRandom(42);

  @Test
  void bound_doublesUpToTheCap() {
    Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(300));

    assertThat(greatestOf(backoff, 0)).isBetween(49_900_000L, 50_000_000L);
    assertThat(greatestOf(backoff, 1)).isBetween(99_800_000L, 100_000_000L);
    assertThat(greatestOf(backoff, 2)).isBetween(199_600_000L, 200_000_000L);
    assertThat(greatestOf(backoff, 3)).isBetween(299_400_000L, 300_000_000L);
    assertThat(greatestOf(backoff, 40)).isLessThanOrEqualTo(300_000_000L);
    assertThat(greatestOf(backoff, 1_000)).isLessThanOrEqualTo(300_000_000L);
  }

  @Test
  void draws_areUniformFromZeroOn() {
    int[] tenths = new int[10];
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
      long nanos = Backoff.defaults().nanos(0, random);
      sum += nanos;
      tenths[(int) Math.min(9, nanos / 5_000_000)]++;
    }

    double chiSquare = 0;
    for (int count : tenths) {
      chiSquare += Math.pow(count - DRAWS / 10.0, 2) / (DRAWS / 10.0);
    }
    assertThat(chiSquare).as("9 degrees of freedom, 0.1 %").isLessThan(27.9);
    assertThat(sum / DRAWS).isCloseTo(25_000_000, within(200_000.0));
  }

  @Test
  void none_neverWaits() {
    assertThat(greatestOf(Backoff.none(), 0)).isZero();
    assertThat(greatestOf(Backoff.none(), 1_000)).isZero();
  }

  @Test
  void faults_areNamedTogether() {
    assertThatThrownBy(() -> new Backoff(Duration.ofNanos(-1), Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("base: PT-0.000000001S (expected: zero or more); "
            + "cap: PT-1S (expected: at least PT-0.000000001S, the base)");
    assertThatThrownBy(() -> new Backoff(Duration.ofMillis(1), Duration.ofDays(1)))
        .hasMessage("cap: PT24H (expected: at most an hour)");
  }

  private long greatestOf(Backoff backoff, int retry) {
    long greatest = 0;
    for (int i = 0; i < 10_000; i++) {
      long nanos = backoff.nanos(retry, random);
      assertThat(nanos).isNotNegative();
      greatest = Math.max(greatest, nanos);
    }
    return greatest;
  }
}
