package dev.msk.benchmarks.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PickBenchmarkTest {

  @ParameterizedTest
  @ValueSource(strings = {PickBenchmark.LEAST_LOADED, PickBenchmark.PEAK_EWMA})
  void contenders_pickFromTheWholeFleet(String algorithm) {
    for (String contender : Pick.contenders(algorithm).values()) {
      Picker picker = PickBenchmark.of(contender, algorithm, 10);
      Set<String> picked = new HashSet<>();
      for (int i = 0; i < 2_000; i++) {
        picked.add(picker.call().toString());
      }

      assertThat(picked).as(contender).isNotEmpty();
    }
  }
}
