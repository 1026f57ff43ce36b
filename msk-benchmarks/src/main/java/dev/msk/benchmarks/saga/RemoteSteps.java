package dev.msk.benchmarks.saga;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.List;

/** Sagas of three remote steps that call nobody, each step durable before the next. */
final class RemoteSteps implements Measure {

  private final int inFlight;
  private final int sagas;

  RemoteSteps(int inFlight, int sagas) {
    this.inFlight = inFlight;
    this.sagas = sagas;
  }

  @Override
  public String name() {
    return "remote-" + inFlight + "-in-flight";
  }

  @Override
  public List<Row> run(Bench bench) throws Exception {
    int count = bench.choose(sagas, sagas / 10);
    try (Database database = Database.create(bench);
        SagaPeers peers = SagaPeers.start(bench)) {
      Rounds rounds = Rounds.of(bench.choose(5, 2), bench::say)
          .warmups(bench.choose(2, 1))
          .add(
              Rounds.OURS,
              () -> figures(database, "msk", Ours.oneByOne(Order.remoteSteps(), inFlight), count))
          .add(Rounds.FLOOR, () -> figures(database, "floor", Floor.ofRemoteSteps(inFlight), count))
          .add(
              "floor with merged starts",
              () -> figures(database, "floor", Floor.withMergedStarts(inFlight), count));
      peers.add(rounds, database, inFlight);
      rounds.run();
      String note = count + " sagas a round, " + inFlight
          + " in flight, from the first start to the last end, each of which is counted in the tables; callers start as many in one"
          + " transaction as there is room for, up to 256; 16 connections, synchronous_commit=on; floor: the same rows by JDBC, a"
          + " statement for each start, one for the moves of all sagas that wait, 4 committers; with merged starts: one statement for"
          + " the starts of several callers, too" + peers.note();
      return List.of(
          rounds.row(
              name(),
              "sagas/s",
              true,
              0,
              "ours >= 0.7 * floor && ours >= 10 * peers[\"DBOS\"] && ours >= 100 * peers[\"Camunda\"]",
              note),
          rounds.row(
              name() + "-commits",
              "commits/step",
              false,
              1,
              "ours <= 1",
              "transactions that wrote, all of the server, over the steps of the same rounds: those of starts, claims and leases are in"
                  + " it; " + note),
          rounds.row(
              name() + "-round-trips",
              "round trips/step",
              false,
              2,
              "ours <= 1",
              "executions, commits and rollbacks over the steps of another, shorter run of each round behind a data source that counts;"
                  + " starts, claims and leases are in it, peers are not asked; " + note));
    }
  }

  /** Sagas per second, commits per step, round trips per step. */
  private double[] figures(Database database, String prefix, Engine engine, int count)
      throws Exception {
    Database.Held before = database.held(prefix);
    long commits = database.commits();
    double seconds = engine.seconds(database.pool(), count);
    commits = database.commits() - commits;
    int fewer = Math.max(inFlight, count / 10);
    Trips trips = new Trips();
    engine.seconds(trips.over(database.pool()), fewer);
    database.held(prefix).requireEnded(before, count + fewer, 0);
    database.settle();
    return new double[] {
      count / seconds,
      commits / ((double) Order.STEPS * count),
      trips.count() / ((double) Order.STEPS * fewer)
    };
  }
}
