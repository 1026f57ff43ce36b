package dev.msk.benchmarks.saga;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.benchmarks.Samples;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One saga of three remote steps after another, nothing else in flight: from before its start to behind its last commit. */
final class SingleSaga implements Measure {

  @Override
  public String name() {
    return "single-saga-p50";
  }

  @Override
  public List<Row> run(Bench bench) throws Exception {
    int sagas = bench.choose(1_000, 100);
    ExecutorService executor = Executors.newCachedThreadPool();
    Semaphore ended = new Semaphore(0);
    SagaDefinition<Order> definition = Order.remoteSteps();
    try (Database database = Database.create(bench)) {
      database.execute("CREATE TABLE bare (LIKE msk_saga_step INCLUDING ALL)");
      Database.Held before = database.held("msk");
      Transactor transactor = Transactor.of(database.pool());
      Rounds rounds = Rounds.of(bench.choose(9, 3), bench::say).warmups(bench.choose(2, 1));
      try (SagaCoordinator coordinator = Ours.coordinator(
              database.pool(), transactor, executor, definition, 64, ended::release);
          Connection bare = database.pool().getConnection()) {
        rounds
            .add(
                Rounds.OURS,
                () -> p50(sagas, key -> {
                  transactor.run(tx -> coordinator.start(tx, definition, key, new Order(key, 12)));
                  if (!ended.tryAcquire(30, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("saga " + key + ": not ended within 30 s");
                  }
                }))
            .add(Rounds.FLOOR, () -> p50(sagas, key -> commit(bare, key)))
            .run();
      }
      int all = sagas * (bench.choose(9, 3) + bench.choose(2, 1));
      database.held("msk").requireEnded(before, all, 0);
      return List.of(rounds.row(
          name(),
          "ms",
          false,
          0,
          "ours <= 1.5 * floor",
          sagas
              + " sagas a round, one after another, synchronous_commit=on; floor: four INSERTs of one row of history on one"
              + " connection, each its own transaction: a start and three steps"));
    } finally {
      executor.shutdownNow();
    }
  }

  private static double[] p50(int sagas, Saga saga) throws Exception {
    double[] millis = new double[sagas];
    for (int i = 0; i < sagas; i++) {
      String key = UUID.randomUUID().toString();
      long start = System.nanoTime();
      saga.run(key);
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    return new double[] {Samples.quantile(millis, 0.5)};
  }

  private static void commit(Connection connection, String key) throws Exception {
    try (PreparedStatement insert = connection.prepareStatement(
        "INSERT INTO bare (saga_id, rev, transition, step, attempt, node, at)"
            + " VALUES (?::uuid, ?, 'ADVANCE', 'one', 1, 'bench', clock_timestamp())")) {
      for (int rev = 0; rev <= Order.STEPS; rev++) {
        insert.setString(1, key);
        insert.setInt(2, rev);
        insert.executeUpdate();
      }
    }
  }

  private interface Saga {
    void run(String key) throws Exception;
  }
}
