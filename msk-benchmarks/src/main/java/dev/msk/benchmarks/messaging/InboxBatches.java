package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** New events remembered in batches of 500, in a fresh inbox and in one that holds millions. */
final class InboxBatches implements Measure {

  private static final int BATCH = 500;
  private static final String CONSUMER = "shipping";
  private static final long WEEK_MILLIS = 604_800_000;

  private final boolean full;

  InboxBatches(boolean full) {
    this.full = full;
  }

  @Override
  public String name() {
    return full ? "inbox-batches-of-500-old-rows" : "inbox-batches-of-500";
  }

  @Override
  public List<Row> run(Bench bench) throws SQLException {
    int events = bench.choose(100_000, 5_000);
    int old = full ? bench.choose(10_000_000, 200_000) : 0;
    try (Database database = Database.create(bench)) {
      database.execute("CREATE TABLE bare (LIKE msk_inbox INCLUDING ALL)");
      if (full) {
        bench.say(old + " old rows");
        fill(database, old);
      }
      PostgresInboxStore store = PostgresInboxStore.of(database.pool());
      Orders orders = new Orders(1_000);
      Rounds rounds = Rounds.of(bench.choose(7, 3), bench::say)
          .add(
              Rounds.OURS,
              () ->
                  rate(database, orders, events, (tx, batch) -> store.record(tx, CONSUMER, batch)))
          .add(Rounds.FLOOR, () -> rate(database, orders, events, InboxBatches::bare))
          .run();
      return List.of(
          rounds.row(
              name(),
              "events/s",
              true,
              0,
              "ours >= 0.8 * floor",
              events + " new events a round, one connection, a transaction for each 500"
                  + (full ? ", " + old + " old rows" : "")
                  + "; floor: INSERT ... ON CONFLICT DO NOTHING, rewritten batch, without knowing which were new"));
    }
  }

  /** The same rows in both: spread over the week until now, as the retention leaves them, today's among them. */
  private static void fill(Database database, int rows) throws SQLException {
    String made = "(extract(epoch FROM now()) * 1000)::bigint - n * " + WEEK_MILLIS + " / " + rows;
    String hex = "lpad(to_hex(" + made + "), 12, '0')";
    database.execute("INSERT INTO bare (consumer, source, id, received_at) SELECT '" + CONSUMER
        + "', '/bench', substr(" + hex + ", 1, 8) || '-' || substr(" + hex + ", 9, 4) || '-7000-8'"
        + " || substr(md5(n::text), 1, 3) || '-' || substr(md5(n::text), 4, 12),"
        + " now() - n * interval '1 week' / " + rows
        + " FROM generate_series(" + rows + "::bigint, 1, -1) n");
    String day = "('x' || replace(substr(id, 1, 13), '-', ''))::bit(48)::bigint / 86400000 % 10";
    for (int table = 0; table < 10; table++) {
      database.execute(
          "INSERT INTO msk_inbox_" + table + " SELECT * FROM bare WHERE " + day + " = " + table,
          "VACUUM ANALYZE msk_inbox_" + table);
    }
    database.execute("VACUUM ANALYZE bare", "CHECKPOINT");
  }

  private static double[] rate(Database database, Orders orders, int events, Remember remember)
      throws SQLException {
    List<List<EventEnvelope>> batches = new ArrayList<>();
    for (int i = 0; i < events; i += BATCH) {
      batches.add(orders.next(BATCH));
    }
    try (Connection tx = database.transaction()) {
      long start = System.nanoTime();
      for (List<EventEnvelope> batch : batches) {
        remember.in(tx, batch);
        tx.commit();
      }
      return new double[] {events / ((System.nanoTime() - start) / 1e9)};
    }
  }

  /** Floor: what anybody would write. The rewritten batch is what the driver does with reWriteBatchedInserts. */
  private static void bare(Connection tx, List<EventEnvelope> batch) throws SQLException {
    String row = "(?, ?, ?)";
    StringBuilder sql =
        new StringBuilder("INSERT INTO bare (consumer, source, id) VALUES ").append(row);
    sql.append((", " + row).repeat(batch.size() - 1)).append(" ON CONFLICT DO NOTHING");
    try (PreparedStatement insert = tx.prepareStatement(sql.toString())) {
      int index = 0;
      for (EventEnvelope event : batch) {
        insert.setString(++index, CONSUMER);
        insert.setString(++index, event.source());
        insert.setString(++index, event.id());
      }
      insert.executeUpdate();
    }
  }

  private interface Remember {
    void in(Connection tx, List<EventEnvelope> batch) throws SQLException;
  }
}
