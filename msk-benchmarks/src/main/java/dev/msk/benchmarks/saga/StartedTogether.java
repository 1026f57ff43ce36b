package dev.msk.benchmarks.saga;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.List;

/** Sagas of three remote steps, as {@link RemoteSteps} has them, of which callers start those of one transaction by one statement. */
final class StartedTogether implements Measure {

  private final int inFlight;
  private final int sagas;

  StartedTogether(int inFlight, int sagas) {
    this.inFlight = inFlight;
    this.sagas = sagas;
  }

  @Override
  public String name() {
    return "start-all-" + inFlight + "-in-flight";
  }

  @Override
  public List<Row> run(Bench bench) throws Exception {
    int count = bench.choose(sagas, sagas / 10);
    try (Database database = Database.create(bench)) {
      Rounds rounds = Rounds.of(bench.choose(5, 2), bench::say)
          .warmups(bench.choose(2, 1))
          .add(
              Rounds.OURS,
              () -> rate(database, "msk", Ours.together(Order.remoteSteps(), inFlight), count))
          .add(Rounds.FLOOR, () -> rate(database, "floor", Floor.withMergedStarts(inFlight), count))
          .add(
              "ours, a statement for each start",
              () -> rate(database, "msk", Ours.oneByOne(Order.remoteSteps(), inFlight), count))
          .add(
              "floor, a statement for each start",
              () -> rate(database, "floor", Floor.ofRemoteSteps(inFlight), count));
      rounds.run();
      return List.of(rounds.row(
          name(),
          "sagas/s",
          true,
          0,
          "ours >= 0.7 * floor",
          count + " sagas a round, " + inFlight
              + " in flight, from the first start to the last end, each of which is counted in the tables; callers start as many in"
              + " one transaction as there is room for, up to 256, by startAll; 16 connections, synchronous_commit=on; floor: the"
              + " same rows by JDBC, one statement for the starts of a transaction, one for the moves of all sagas that wait, 4"
              + " committers"));
    }
  }

  private static double[] rate(Database database, String prefix, Engine engine, int count)
      throws Exception {
    Database.Held before = database.held(prefix);
    double seconds = engine.seconds(database.pool(), count);
    database.held(prefix).requireEnded(before, count, 0);
    database.settle();
    return new double[] {count / seconds};
  }
}
