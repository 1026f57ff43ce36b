package dev.msk.benchmarks.security;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.List;

/** {@link IdleServer}, ours and the JDK's. */
final class IdleConnections implements Measure {

  @Override
  public String name() {
    return "tls-idle-connection";
  }

  @Override
  public List<Row> run(Bench bench) {
    int connections = bench.choose(1_000, 50);
    Rounds rounds = Rounds.of(bench.choose(3, 1), bench::say)
        .warmups(0)
        .add(Rounds.OURS, () -> new double[] {IdleServer.inOwnJvm("ours", connections)})
        .add(Rounds.FLOOR, () -> new double[] {IdleServer.inOwnJvm("floor", connections)})
        .run();
    return List.of(rounds.row(
        name(),
        "B",
        false,
        0,
        "ours <= 1.05 * floor",
        "heap of the server's end of one of " + connections
            + " connections after a forced collection, a JVM for each round, SerialGC; TLS 1.3, certificates of both ends,"
            + " engines without a network; floor: a context of the JDK with the same keys"));
  }
}
