package dev.msk.benchmarks.discovery;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link PickBenchmark} with one algorithm, number of instances and of threads. */
final class Pick implements Measure {

  private final String algorithm;
  private final int instances;
  private final int threads;
  private final String note;

  private Pick(String algorithm, int instances, int threads, String note) {
    this.algorithm = algorithm;
    this.instances = instances;
    this.threads = threads;
    this.note = note;
  }

  static Pick leastLoaded(int instances, int threads) {
    return new Pick(
        PickBenchmark.LEAST_LOADED,
        instances,
        threads,
        "pick and release; floor: two instances drawn, the one with fewer calls, a counter up and down; Stork: power of two choices;"
            + " Spring Cloud LoadBalancer: round robin, which it has, blocking for the Mono");
  }

  static Pick peakEwma(int instances, int threads) {
    return new Pick(
        PickBenchmark.PEAK_EWMA,
        instances,
        threads,
        "pick, two readings of the clock for the latency, release with it; floor: the same readings around two instances drawn, the one"
            + " with fewer calls; Stork: least response time");
  }

  @Override
  public String name() {
    return "pick-" + algorithm + "-" + instances + "-by-" + threads;
  }

  @Override
  public List<Row> run(Bench bench) {
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say).warmups(0);
    contenders(algorithm)
        .forEach((name, contender) -> rounds.add(name, () -> fork(bench, contender)));
    return Forks.rows(rounds.run(), name(), "ours <= 1.3 * floor", "ours < 0.5", note);
  }

  /** By the names of rows. */
  static Map<String, String> contenders(String algorithm) {
    Map<String, String> contenders = new LinkedHashMap<>();
    contenders.put(Rounds.OURS, "ours");
    contenders.put(Rounds.FLOOR, "floor");
    contenders.put("Stork 2.7.9", "stork");
    if (algorithm.equals(PickBenchmark.LEAST_LOADED)) {
      contenders.put("Spring Cloud LoadBalancer 5.0.2", "spring");
    }
    return contenders;
  }

  private double[] fork(Bench bench, String contender) throws Exception {
    Map<String, String> params = Map.of(
        "algorithm", algorithm, "contender", contender, "instances", String.valueOf(instances));
    return Forks.fork(bench, PickBenchmark.class, "pick", params, threads);
  }
}
