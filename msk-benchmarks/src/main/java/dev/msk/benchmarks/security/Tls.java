package dev.msk.benchmarks.security;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.List;
import java.util.Map;

/** {@link TlsBenchmark}, one of its methods. */
final class Tls implements Measure {

  static final String FULL = "certificates and signatures of both ends";
  static final String RESUMED = "by a ticket";
  static final String REQUEST = "256 bytes there and 1 KiB back on an open connection";

  private final String name;
  private final String method;
  private final String bar;
  private final String what;

  Tls(String name, String method, String bar, String what) {
    this.name = name;
    this.method = method;
    this.bar = bar;
    this.what = what;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Row> run(Bench bench) {
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say)
        .warmups(0)
        .add(Rounds.OURS, () -> fork(bench, "ours"))
        .add(Rounds.FLOOR, () -> fork(bench, "floor"))
        .run();
    return Forks.rows(
        rounds,
        name,
        bar,
        Forks.NO_BAR,
        what
            + "; TLS 1.3, certificates on P-256, both ends on one thread, no network; floor: contexts of the JDK with the same keys");
  }

  private double[] fork(Bench bench, String contender) throws Exception {
    return Forks.fork(bench, TlsBenchmark.class, method, Map.of("contender", contender));
  }
}
