package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.benchmarks.saga.SagaSuite;
import java.util.List;
import org.junit.jupiter.api.Test;

class SagaSuiteTest {

  @Test
  void measures_haveNamesOfTheirOwn() {
    assertThat(SagaSuite.suite().measures().stream().map(Measure::name))
        .doesNotHaveDuplicates()
        .contains("single-saga-p50", "remote-64-in-flight", "remote-2048-in-flight");
  }

  /** Without the peers, which only a build with -Pbench has; the measures themselves look for every saga in the tables. */
  @Test
  void quickRun_hasOurFiguresAndThoseOfTheFloor() throws Exception {
    List<Measure> measures = SagaSuite.suite().measures().stream()
        .filter(measure -> !measure.name().contains("2048"))
        .toList();
    try (Bench bench = new Bench(true)) {
      for (Measure measure : measures) {
        for (Row row : measure.run(bench)) {
          assertThat(row.ours()).as(row.toString()).isFinite().isPositive();
          assertThat(row.floor()).as(row.toString()).isFinite().isPositive();
        }
      }
    }
  }
}
