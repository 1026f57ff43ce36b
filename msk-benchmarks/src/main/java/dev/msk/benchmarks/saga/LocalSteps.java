package dev.msk.benchmarks.saga;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.List;

/** Sagas of three local steps, each of which inserts a row in one commit with the saga's own. */
final class LocalSteps implements Measure {

  private final int inFlight;
  private final int sagas;

  LocalSteps(int inFlight, int sagas) {
    this.inFlight = inFlight;
    this.sagas = sagas;
  }

  @Override
  public String name() {
    return "local-" + inFlight + "-in-flight";
  }

  @Override
  public List<Row> run(Bench bench) throws Exception {
    int count = bench.choose(sagas, sagas / 10);
    try (Database database = Database.create(bench)) {
      Rounds rounds = Rounds.of(bench.choose(7, 2), bench::say)
          .warmups(bench.choose(2, 1))
          .add(
              Rounds.OURS,
              () -> rate(database, "msk", Ours.oneByOne(Order.localSteps(), inFlight), count))
          .add(Rounds.FLOOR, () -> rate(database, "floor", Floor.ofLocalSteps(inFlight), count))
          .run();
      return List.of(rounds.row(
          name(),
          "sagas/s",
          true,
          0,
          "ours >= 0.7 * floor",
          count + " sagas a round, " + inFlight
              + " in flight, 16 connections, synchronous_commit=on, every step's row counted;"
              + " floor: the step's INSERT and the saga's row and history by one statement in a transaction for each step,"
              + " on 14 connections, 2 for the starts"));
    }
  }

  private static double[] rate(Database database, String prefix, Engine engine, int count)
      throws Exception {
    Database.Held before = database.held(prefix);
    double seconds = engine.seconds(database.pool(), count);
    database.held(prefix).requireEnded(before, count, Order.STEPS);
    database.settle();
    return new double[] {count / seconds};
  }
}
