package dev.msk.security.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FullJitterTest {

  private final FullJitter jitter =
      new FullJitter(Duration.ofMillis(500), Duration.ofSeconds(30), new SplittableRandom(7));

  @Test
  void waits_areSpreadBelowABoundThatDoubles() {
    assertThat(longest(1)).isBetween(Duration.ofMillis(450), Duration.ofMillis(500));
    assertThat(longest(3)).isBetween(Duration.ofMillis(1_800), Duration.ofMillis(2_000));
    assertThat(longest(1_000_000)).isBetween(Duration.ofSeconds(27), Duration.ofSeconds(30));
  }

  private Duration longest(int failures) {
    return IntStream.range(0, 1_000)
        .mapToObj(i -> jitter.after(failures))
        .max(Duration::compareTo)
        .orElseThrow();
  }
}
