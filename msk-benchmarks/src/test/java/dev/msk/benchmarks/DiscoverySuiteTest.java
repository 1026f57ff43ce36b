package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.benchmarks.discovery.DiscoverySuite;
import org.junit.jupiter.api.Test;

class DiscoverySuiteTest {

  @Test
  void measures_haveNamesOfTheirOwn() {
    assertThat(DiscoverySuite.suite().measures().stream().map(Measure::name))
        .doesNotHaveDuplicates()
        .contains(
            "pick-least-loaded-10-by-1",
            "pick-peak-ewma-1000-by-2",
            "call-policy-by-1",
            "call-policy-acquire-by-2",
            "slow-instance");
  }
}
