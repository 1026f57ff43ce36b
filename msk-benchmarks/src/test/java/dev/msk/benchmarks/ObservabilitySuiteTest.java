package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.benchmarks.observability.ObservabilitySuite;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservabilitySuiteTest {

  @Test
  void measures_haveNamesOfTheirOwn() {
    assertThat(ObservabilitySuite.suite().measures().stream().map(Measure::name))
        .doesNotHaveDuplicates()
        .contains(
            "telemetry-off",
            "metrics-only-by-1",
            "unsampled-span-by-2",
            "sampled-span-by-1",
            "counter-by-2",
            "ecs-line-by-1",
            "ecs-line-with-exception-by-2",
            "request-path");
  }

  /** The measure that has no JMH in it; what JMH runs is tested beside it. */
  @Test
  void quickRun_hasOurFiguresAndThoseOfTheFloor() throws Exception {
    Measure requests = ObservabilitySuite.suite().measures().stream()
        .filter(measure -> measure.name().equals("request-path"))
        .findFirst()
        .orElseThrow();

    List<Row> rows;
    try (Bench bench = new Bench(true)) {
      rows = requests.run(bench);
    }

    assertThat(rows).hasSize(2).allSatisfy(row -> {
      assertThat(row.ours()).as(row.toString()).isFinite().isPositive();
      assertThat(row.floor()).as(row.toString()).isFinite().isPositive();
    });
  }
}
