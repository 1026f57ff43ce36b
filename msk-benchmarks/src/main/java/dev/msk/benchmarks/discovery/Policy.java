package dev.msk.benchmarks.discovery;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link PolicyBenchmark} with a number of threads. */
final class Policy implements Measure {

  private final int threads;

  Policy(int threads) {
    this.threads = threads;
  }

  @Override
  public String name() {
    return "call-policy-by-" + threads;
  }

  @Override
  public List<Row> run(Bench bench) {
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say).warmups(0);
    contenders().forEach((name, contender) -> rounds.add(name, () -> fork(bench, contender)));
    return Forks.rows(
        rounds.run(),
        name(),
        "ours <= 1.3 * floor",
        "ours <= floor",
        "around a call that does nothing: retry, bulkhead and circuit breaker; ours with a retry budget and a deadline besides;"
            + " floor: resilience4j's three, composed by hand");
  }

  /** By the names of rows. */
  static Map<String, String> contenders() {
    Map<String, String> contenders = new LinkedHashMap<>();
    contenders.put(Rounds.OURS, "ours");
    contenders.put(Rounds.FLOOR, "floor");
    contenders.put("Failsafe 3.3.2", "failsafe");
    return contenders;
  }

  private double[] fork(Bench bench, String contender) throws Exception {
    return Forks.fork(
        bench, PolicyBenchmark.class, "call", Map.of("contender", contender), threads);
  }
}
