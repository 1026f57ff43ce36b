package dev.msk.messaging.jdbc;

import dev.msk.core.jdbc.TableNames;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;

/**
 * An outbox in PostgreSQL 14 or newer: insert-only, sixteen partitions, read by the difference of two
 * snapshots.
 *
 * <p><b>Why snapshots.</b> A reader that remembers the highest number it has seen loses the rows of
 * transactions that drew a lower number and commit later. A reader that waits for every older
 * transaction stalls behind the longest one, and one that orders by transaction id sends the events
 * of a key in the wrong order when a transaction got its id early and the row lock late. This reader
 * asks for the rows that its statement's snapshot shows and the last one did not, ordered by {@code
 * seq}, which was drawn while the writer held the lock on its aggregate. Nothing is lost, no order is
 * turned, nobody waits. The idea is PgQ's (Skytools, 2007).
 *
 * <p>Transaction ids do not survive a dump and restore or a logical cut-over: send everything first,
 * then set {@code done} of every cursor to {@code pg_current_snapshot()}.
 *
 * <p>Needs no special privilege and no setting. Thread-safe.
 */
public final class PostgresOutboxStore implements OutboxStore {

  private static final int PARTITIONS = 16;

  private final DataSource database;
  private final String outbox;
  private final String cursor;

  private PostgresOutboxStore(DataSource database, TableNames names) {
    this.database = Objects.requireNonNull(database, "database");
    this.outbox = names.table("outbox");
    this.cursor = names.table("outbox_cursor");
  }

  /**
   * The outbox {@code msk_outbox} in the schema that the connection's search path finds.
   *
   * @param database gives the connections of readers; inserts use the caller's
   * @return a store
   */
  public static PostgresOutboxStore of(DataSource database) {
    return of(database, TableNames.defaults());
  }

  /**
   * The outbox under the names that are given.
   *
   * @param database gives the connections of readers; inserts use the caller's
   * @param names schema and prefix of the tables
   * @return a store
   */
  public static PostgresOutboxStore of(DataSource database, TableNames names) {
    return new PostgresOutboxStore(database, names);
  }

  @Override
  public int partitions() {
    return PARTITIONS;
  }

  @Override
  public void insert(Connection tx, List<OutboxRecord> records) throws SQLException {
    String sql = "INSERT INTO " + outbox
        + " (part, id, aggregatetype, aggregateid, type, source, subject, time,"
        + " datacontenttype, dataschema, extensions, payload)"
        + " SELECT part, id, topic, key, type, source, subject, time, contenttype, schema, extensions::jsonb, payload"
        + " FROM unnest(?::smallint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],"
        + " ?::text[], ?::text[], ?::text[], ?::bytea[]) WITH ORDINALITY"
        + " AS e(part, id, topic, key, type, source, subject, time, contenttype, schema, extensions, payload, n)"
        + " ORDER BY n";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setArray(1, tx.createArrayOf("int2", column(records, r -> (short) r.partition())));
      texts(tx, insert, 2, records, EventEnvelope::id);
      insert.setArray(3, tx.createArrayOf("text", column(records, OutboxRecord::topic)));
      texts(tx, insert, 4, records, EventEnvelope::orderingKey);
      texts(tx, insert, 5, records, EventEnvelope::type);
      texts(tx, insert, 6, records, EventEnvelope::source);
      texts(tx, insert, 7, records, e -> e.subject().orElse(null));
      texts(tx, insert, 8, records, e -> e.timeText().orElse(null));
      texts(tx, insert, 9, records, e -> e.dataContentType().orElse(null));
      texts(tx, insert, 10, records, e -> e.dataSchema().orElse(null));
      texts(
          tx,
          insert,
          11,
          records,
          e -> e.extensions().isEmpty() ? null : JsonMap.write(e.extensions()));
      insert.setArray(
          12,
          tx.createArrayOf(
              "bytea", records.stream().map(r -> r.event().data()).toArray(byte[][]::new)));
      insert.executeUpdate();
    }
  }

  @Override
  public OutboxReader read(Collection<OwnedPartition> owned) throws SQLException {
    return SnapshotReader.open(database, outbox, cursor, List.copyOf(owned));
  }

  @Override
  public int purge(Duration keep, int atMost) throws SQLException {
    String sql = "DELETE FROM " + outbox + " WHERE ctid = ANY (ARRAY(SELECT o.ctid FROM " + cursor
        + " c JOIN " + outbox
        + " o ON o.part = c.part AND o.xid < pg_snapshot_xmax(c.done) AND pg_visible_in_snapshot(o.xid, c.done)"
        + " WHERE o.created_at < clock_timestamp() - ? * interval '1 millisecond' LIMIT ?))";
    try (Connection connection = database.getConnection();
        PreparedStatement delete = connection.prepareStatement(sql)) {
      delete.setLong(1, keep.toMillis());
      delete.setInt(2, atMost);
      return delete.executeUpdate();
    }
  }

  /** Counts at most 1,000 events of a partition that began after its cursor, and as many that were under way. */
  @Override
  public Optional<Backlog> backlog() throws SQLException {
    String unsent = " AND (c.reading IS NULL OR o.seq > c.reading_seq"
        + " OR NOT pg_visible_in_snapshot(o.xid, c.reading)) ";
    String sql = "SELECT count(*),"
        + " coalesce(extract(epoch FROM clock_timestamp() - min(w.created_at)) * 1000, 0)::bigint"
        + " FROM " + cursor + " c CROSS JOIN LATERAL ("
        + "(SELECT o.created_at FROM " + outbox
        + " o WHERE o.part = c.part AND o.xid >= pg_snapshot_xmax(c.done)" + unsent
        + "ORDER BY o.xid, o.seq LIMIT 1000) UNION ALL"
        + " (SELECT o.created_at FROM pg_snapshot_xip(c.done) AS x(xid) JOIN " + outbox
        + " o ON o.part = c.part AND o.xid = x.xid WHERE true" + unsent + "LIMIT 1000)) w";
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      row.next();
      return Optional.of(
          new Backlog(row.getLong(1), Duration.ofMillis(Math.max(0, row.getLong(2)))));
    }
  }

  private static void texts(
      Connection tx,
      PreparedStatement statement,
      int index,
      List<OutboxRecord> records,
      Function<EventEnvelope, String> attribute)
      throws SQLException {
    statement.setArray(
        index, tx.createArrayOf("text", column(records, r -> attribute.apply(r.event()))));
  }

  private static Object[] column(List<OutboxRecord> records, Function<OutboxRecord, Object> value) {
    return records.stream().map(value).toArray();
  }
}
