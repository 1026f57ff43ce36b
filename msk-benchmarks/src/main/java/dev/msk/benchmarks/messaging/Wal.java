package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Bytes of write-ahead log for an event: {@link Outbox#publish}, and a bare insert of the same columns under the same key. */
final class Wal implements Measure {

  private final int eventsPerTransaction;

  Wal(int eventsPerTransaction) {
    this.eventsPerTransaction = eventsPerTransaction;
  }

  @Override
  public String name() {
    return "wal-bytes-per-event-" + eventsPerTransaction + "-per-tx";
  }

  @Override
  public List<Row> run(Bench bench) throws SQLException {
    int events = bench.choose(20_000, 2_000);
    try (Database database = Database.create(bench)) {
      Outbox outbox = Outbox.builder(PostgresOutboxStore.of(database.pool()), event -> Orders.TOPIC)
          .build();
      BareInsert bare = BareInsert.create(database);
      Orders orders = new Orders(1_000);
      Rounds rounds = Rounds.of(bench.choose(7, 3), bench::say)
          .add(Rounds.OURS, () -> bytes(database, orders, events, outbox::publish))
          .add(Rounds.FLOOR, () -> bytes(database, orders, events, bare::insert))
          .run();
      return List.of(rounds.row(
          name(),
          "B/event",
          false,
          0,
          "ours <= 1.1 * floor",
          events
              + " events of 1 KiB a round, pg_current_wal_lsn before and behind, after a checkpoint and "
              + events / 10
              + " events; floor: INSERT VALUES of the same columns under the same key, batched"));
    }
  }

  private double[] bytes(Database database, Orders orders, int events, Insert insert)
      throws SQLException {
    database.execute("CHECKPOINT");
    run(database, orders, events / 10, insert);
    long before = position(database);
    run(database, orders, events, insert);
    return new double[] {(position(database) - before) / (double) events};
  }

  private void run(Database database, Orders orders, int events, Insert insert)
      throws SQLException {
    try (Connection tx = database.transaction()) {
      for (int i = 0; i < events; i += eventsPerTransaction) {
        insert.insert(tx, orders.next(eventsPerTransaction));
        tx.commit();
      }
    }
  }

  private static long position(Database database) throws SQLException {
    return database.number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
  }

  private interface Insert {
    void insert(Connection tx, List<EventEnvelope> events) throws SQLException;
  }
}
