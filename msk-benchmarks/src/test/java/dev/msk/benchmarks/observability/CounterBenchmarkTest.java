package dev.msk.benchmarks.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.benchmarks.observability.Backends.Level;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CounterBenchmarkTest {

  @ParameterizedTest
  @ValueSource(strings = {"ours", "micrometer"})
  void contendersOfTheRegistry_countThere(String contender) {
    try (Backends backends = Backends.of(Level.METRICS, new DiscardedSpans())) {
      Runnable counter = CounterBenchmark.of(contender, backends, InMemoryMetricReader.create());

      counter.run();
      counter.run();

      assertThat(backends
              .registry()
              .get(CounterBenchmark.NAME)
              .tag("region", "eu")
              .counter()
              .count())
          .isEqualTo(2);
    }
  }

  /** With the reader of the benchmark it counts as with one that can be asked. */
  @ParameterizedTest
  @ValueSource(strings = "opentelemetry")
  void openTelemetry_countsForItsReader(String contender) {
    try (Backends backends = Backends.of(Level.METRICS, new DiscardedSpans())) {
      InMemoryMetricReader reader = InMemoryMetricReader.create();
      Runnable counter = CounterBenchmark.of(contender, backends, reader);

      counter.run();
      counter.run();

      assertThat(reader.collectAllMetrics())
          .singleElement()
          .satisfies(metric -> assertThat(metric.getLongSumData().getPoints())
              .singleElement()
              .satisfies(point -> assertThat(point.getValue()).isEqualTo(2)));
    }
  }
}
