package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.benchmarks.Samples;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** From the last statement before a commit to the consumer's poll that returns the event, at a steady rate. */
final class Latency implements Measure {

  private final String name;
  private final int fixedRate;

  private Latency(String name, int fixedRate) {
    this.name = name;
    this.fixedRate = fixedRate;
  }

  static Latency at(int eventsPerSecond) {
    return new Latency("latency-" + eventsPerSecond + "-per-s", eventsPerSecond);
  }

  static Latency atHalfOfDrain() {
    return new Latency("latency-half-of-drain", 0);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Row> run(Bench bench) throws Exception {
    int seconds = bench.choose(30, 5);
    try (Database database = Database.create(bench);
        Topic topic = Topic.open(bench);
        Peers peers = Peers.start(bench)) {
      Backlog backlog =
          Backlog.of(database, topic, fixedRate > 0 ? 0 : bench.choose(200_000, 20_000), 1_000);
      int rate = fixedRate > 0 ? fixedRate : halfOfDrain(bench, backlog, topic);
      backlog.clear();
      int perTransaction = Math.max(1, rate / 500);
      OpenLoop loop = new OpenLoop(database, topic, rate, perTransaction, seconds);
      Rounds rounds = Rounds.of(bench.choose(7, 2), bench::say)
          .warmups(fixedRate > 0 ? 1 : 3)
          .add(Rounds.OURS, () -> figures(backlog, loop.run(() -> Route.ours(backlog))))
          .add(
              Rounds.FLOOR,
              () -> figures(
                  backlog, loop.run(() -> new FloorRoute(database, topic.bootstrapServers()))));
      peers.addLatencies(rounds, database, loop, topic);
      rounds.run();
      String note = rate + " events/s of 1 KiB over 1,000 keys, " + perTransaction
          + " in a transaction, one publisher, rounds of " + seconds
          + " s, consumer in the same JVM; floor: bare insert, told of the commit, read by number, send without linger,"
          + " cursor written aside" + peers.note();
      return List.of(
          rounds.row(name + "-p50", "ms", false, 0, "ours <= 1.5 * floor", note),
          rounds.row(name + "-p99", "ms", false, 1, "ours <= 2 * floor && ours < 20", note));
    }
  }

  /** Of a relay whose code is compiled, as that of the row of drains is by then. */
  private static int halfOfDrain(Bench bench, Backlog backlog, Topic topic) throws Exception {
    Rounds drains = Rounds.of(3, bench::say)
        .warmups(6)
        .add(Rounds.OURS, () -> Drain.ours(backlog, topic))
        .run();
    return (int) drains.row("drain", "events/s", true, 0, "", "").ours() / 2;
  }

  static double[] figures(Backlog backlog, double[] millis) throws SQLException {
    backlog.clear();
    return figures(millis);
  }

  /** p50 and p99. */
  static double[] figures(double[] millis) {
    Arrays.sort(millis);
    return new double[] {Samples.quantile(millis, 0.5), Samples.quantile(millis, 0.99)};
  }
}
