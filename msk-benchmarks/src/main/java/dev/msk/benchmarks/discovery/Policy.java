package dev.msk.benchmarks.discovery;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link PolicyBenchmark} in one of its ways, with a number of threads. */
final class Policy implements Measure {

  private final String row;
  private final String way;
  private final int threads;
  private final String note;

  private Policy(String row, String way, int threads, String note) {
    this.row = row;
    this.way = way;
    this.threads = threads;
    this.note = note;
  }

  static Policy call(int threads) {
    return new Policy(
        "call-policy",
        PolicyBenchmark.CALL,
        threads,
        "around a call that does nothing: retry, bulkhead and circuit breaker; ours with a retry budget and a deadline besides;"
            + " floor: resilience4j's three, composed by hand");
  }

  static Policy acquire(int threads) {
    return new Policy(
        "call-policy-acquire",
        PolicyBenchmark.ACQUIRE,
        threads,
        "without blocking, before and after what does nothing: ours an attempt acquired and done; floor: resilience4j's permissions"
            + " and outcomes, by hand; Failsafe wants the work");
  }

  @Override
  public String name() {
    return row + "-by-" + threads;
  }

  @Override
  public List<Row> run(Bench bench) {
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say).warmups(0);
    contenders(way).forEach((name, contender) -> rounds.add(name, () -> fork(bench, contender)));
    return Forks.rows(rounds.run(), name(), "ours <= 1.3 * floor", "ours <= floor", note);
  }

  /** By the names of rows. */
  static Map<String, String> contenders(String way) {
    Map<String, String> contenders = new LinkedHashMap<>();
    contenders.put(Rounds.OURS, "ours");
    contenders.put(Rounds.FLOOR, "floor");
    if (way.equals(PolicyBenchmark.CALL)) {
      contenders.put("Failsafe 3.3.2", "failsafe");
    }
    return contenders;
  }

  private double[] fork(Bench bench, String contender) throws Exception {
    Map<String, String> params = Map.of("contender", contender, "way", way);
    return Forks.fork(bench, PolicyBenchmark.class, "call", params, threads);
  }
}
