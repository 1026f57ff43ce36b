package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.benchmarks.security.SecuritySuite;
import java.util.List;
import org.junit.jupiter.api.Test;

class SecuritySuiteTest {

  @Test
  void measures_haveNamesOfTheirOwn() {
    assertThat(SecuritySuite.suite().measures().stream().map(Measure::name))
        .doesNotHaveDuplicates()
        .contains(
            "verify-rs256",
            "verify-es256",
            "lookup-remembered-token",
            "tls-handshake-full",
            "tls-idle-connection");
  }

  /** The measure that has no JMH in it; what JMH runs is tested beside it. */
  @Test
  void quickRun_hasTheBytesOfAConnection() throws Exception {
    Measure idle = SecuritySuite.suite().measures().stream()
        .filter(measure -> measure.name().equals("tls-idle-connection"))
        .findFirst()
        .orElseThrow();

    List<Row> rows;
    try (Bench bench = new Bench(true)) {
      rows = idle.run(bench);
    }

    assertThat(rows).singleElement().satisfies(row -> {
      assertThat(row.ours()).as(row.toString()).isFinite().isPositive();
      assertThat(row.floor()).as(row.toString()).isFinite().isPositive();
    });
  }
}
