package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SamplesTest {

  @Test
  void median_ofOddAndEvenCounts() {
    assertThat(new Samples(5, 1, 3).median()).isEqualTo(3);
    assertThat(new Samples(4, 1, 3, 100).median()).isEqualTo(3.5);
    assertThat(new Samples(7).median()).isEqualTo(7);
  }

  @Test
  void extremes_areFound() {
    Samples samples = new Samples(5, -1, 3);

    assertThat(samples.min()).isEqualTo(-1);
    assertThat(samples.max()).isEqualTo(5);
  }

  @Test
  void quantile_isTheNearestRank() {
    double[] hundred = new double[100];
    for (int i = 0; i < 100; i++) {
      hundred[i] = i + 1;
    }

    assertThat(Samples.quantile(hundred, 0.5)).isEqualTo(50);
    assertThat(Samples.quantile(hundred, 0.99)).isEqualTo(99);
    assertThat(Samples.quantile(hundred, 1)).isEqualTo(100);
    assertThat(Samples.quantile(new double[] {8}, 0.99)).isEqualTo(8);
  }

  @Test
  void none_isRefused() {
    assertThatThrownBy(() -> new Samples()).hasMessage("values: none (expected: at least one)");
  }
}
