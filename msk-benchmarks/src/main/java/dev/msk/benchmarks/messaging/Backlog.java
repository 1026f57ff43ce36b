package dev.msk.benchmarks.messaging;

import dev.msk.core.jdbc.Leases;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** Events that wait in the outbox, published as an application would, and the same events in a table of the floor. */
final class Backlog {

  private static final int PER_TRANSACTION = 1_000;
  private static final String COLUMNS =
      "part, id, aggregatetype, aggregateid, type, source, subject, time, datacontenttype, extensions, payload";

  private final Database database;
  private final Outbox outbox;
  private final Topic topic;
  private final int events;

  private Backlog(Database database, Topic topic, int events) {
    this.database = database;
    this.topic = topic;
    this.events = events;
    this.outbox = Outbox.builder(PostgresOutboxStore.of(database.pool()), event -> Orders.TOPIC)
        .build();
  }

  static Backlog of(Database database, Topic topic, int events, int keys) throws SQLException {
    Backlog backlog = new Backlog(database, topic, events);
    Orders orders = new Orders(keys);
    try (Connection tx = database.transaction()) {
      for (int i = 0; i < events; i += PER_TRANSACTION) {
        backlog.outbox.publish(tx, orders.next(Math.min(PER_TRANSACTION, events - i)));
        tx.commit();
      }
    }
    database.execute(
        "CREATE TABLE floor_outbox (LIKE msk_outbox INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (seq))",
        "INSERT INTO floor_outbox (" + COLUMNS + ") SELECT " + COLUMNS
            + " FROM msk_outbox ORDER BY seq",
        "CREATE TABLE floor_cursor AS SELECT 0::bigint AS seq",
        "VACUUM ANALYZE msk_outbox",
        "VACUUM ANALYZE floor_outbox");
    return backlog;
  }

  Outbox outbox() {
    return outbox;
  }

  int events() {
    return events;
  }

  /** Makes every event unsent again. No relay may run. */
  void rewind() throws SQLException {
    database.execute("UPDATE msk_outbox_cursor SET done = '1:1:', reading = NULL, reading_seq = 0");
  }

  /** Empties the outbox, for {@link #appear}. */
  void clear() throws SQLException {
    database.execute("TRUNCATE msk_outbox", "CHECKPOINT");
  }

  /** Publishes all of it in one transaction of the database's own, so that it appears at once. */
  long appear() throws SQLException {
    try (Connection tx = database.transaction();
        var copy = tx.createStatement()) {
      copy.executeUpdate("INSERT INTO msk_outbox (" + COLUMNS + ") SELECT " + COLUMNS
          + " FROM floor_outbox ORDER BY seq");
      long now = System.currentTimeMillis();
      tx.commit();
      outbox.committed();
      return now;
    }
  }

  /** A relay with the defaults of the library, not started. */
  OutboxRelay relay(String owner) {
    return OutboxRelay.builder(
            outbox,
            KafkaTransport.of(Map.of("bootstrap.servers", topic.bootstrapServers())),
            Leases.builder(database.pool(), owner).build())
        .build();
  }
}
