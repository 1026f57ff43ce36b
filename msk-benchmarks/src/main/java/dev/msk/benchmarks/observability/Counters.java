package dev.msk.benchmarks.observability;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link CounterBenchmark} with a number of threads. */
final class Counters implements Measure {

  private final int threads;

  Counters(int threads) {
    this.threads = threads;
  }

  @Override
  public String name() {
    return "counter-by-" + threads;
  }

  @Override
  public List<Row> run(Bench bench) {
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say).warmups(0);
    contenders().forEach((who, contender) -> rounds.add(who, () -> fork(bench, contender)));
    return Forks.rows(
        rounds.run(),
        name(),
        "ours <= 1.2 * peers[\"Micrometer\"]",
        "ours < 0.5",
        "one more, the tag bound ahead, a registry of Prometheus; floor: LongAdder; Micrometer: the counter that ours adds to, found ahead");
  }

  /** By the names of rows. */
  static Map<String, String> contenders() {
    Map<String, String> contenders = new LinkedHashMap<>();
    contenders.put(Rounds.OURS, "ours");
    contenders.put(Rounds.FLOOR, "floor");
    contenders.put("Micrometer 1.17.2", "micrometer");
    contenders.put("OpenTelemetry 1.67.0", "opentelemetry");
    return contenders;
  }

  private double[] fork(Bench bench, String contender) throws Exception {
    return Forks.fork(
        bench, CounterBenchmark.class, "count", Map.of("contender", contender), threads);
  }
}
