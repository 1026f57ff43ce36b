package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.benchmarks.messaging.MessagingSuite;
import org.junit.jupiter.api.Test;

class MessagingSuiteTest {

  @Test
  void measures_haveNamesOfTheirOwn() {
    assertThat(MessagingSuite.suite().measures().stream().map(Measure::name))
        .doesNotHaveDuplicates()
        .contains("codec", "relay-drain-1KiB", "relay-takeover", "latency-500-per-s");
  }
}
