package dev.msk.messaging.jdbc;

import dev.msk.core.jdbc.TableNames;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.OutboxNotices;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

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
 * <p>Needs no special privilege and no setting; {@code TRUNCATE} of {@code msk_outbox_0} to {@code _3} lets old events go
 * together, else they are deleted row by row. Thread-safe.
 */
public final class PostgresOutboxStore implements OutboxStore {

  private static final int PARTITIONS = 16;
  private static final int FEW = 8;
  /** The driver sends both statements at once, and the server leaves the second out if the first one fails. */
  private static final String AND_COMMIT = "; COMMIT";

  private static final String COLUMNS =
      "part, id, aggregatetype, aggregateid, type, source, subject, time,"
          + " datacontenttype, dataschema, extensions, payload";

  private final DataSource database;
  private final String outbox;
  private final String cursor;
  private final String delayed;
  private final String channel;
  private final Transactor transactor;
  private final OutboxSlots slots;

  private PostgresOutboxStore(DataSource database, TableNames names) {
    this.database = Objects.requireNonNull(database, "database");
    this.outbox = names.table("outbox");
    this.cursor = names.table("outbox_cursor");
    this.delayed = names.table("outbox_delayed");
    this.channel = channel(names);
    this.transactor = Transactor.of(database);
    this.slots = new OutboxSlots(transactor, names);
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

  /** A few rows are statements of their own, sent together: an array for each column costs more than it saves. */
  @Override
  public void insert(Connection tx, List<OutboxRecord> records) throws SQLException {
    if (records.size() <= FEW) {
      insertFew(tx, records);
    } else {
      insertMany(tx, records, "");
    }
  }

  @Override
  public void insertAndCommit(Connection tx, List<OutboxRecord> records) throws SQLException {
    if (records.size() == 1) {
      insertOne(tx, records.get(0), AND_COMMIT);
    } else {
      insertMany(tx, records, AND_COMMIT);
    }
  }

  @Override
  public void insertDelayed(Connection tx, List<OutboxRecord> records, Instant availableAt)
      throws SQLException {
    String sql = "INSERT INTO " + delayed + " (" + COLUMNS
        + ", available_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?)";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      for (OutboxRecord record : records) {
        set(insert, record);
        insert.setObject(13, availableAt.atOffset(ZoneOffset.UTC));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  @Override
  public int release(int atMost) {
    String sql = "WITH due AS (DELETE FROM " + delayed
        + " WHERE (available_at, number) IN (SELECT available_at, number FROM " + delayed
        + " WHERE available_at <= clock_timestamp() ORDER BY available_at, number LIMIT ?"
        + " FOR UPDATE SKIP LOCKED) RETURNING *)"
        + " INSERT INTO " + outbox + " (" + COLUMNS + ") SELECT " + COLUMNS
        + " FROM due ORDER BY available_at, number";
    return transactor.call(tx -> {
      try (PreparedStatement move = tx.prepareStatement(sql)) {
        move.setInt(1, atMost);
        return move.executeUpdate();
      }
    });
  }

  private void insertFew(Connection tx, List<OutboxRecord> records) throws SQLException {
    if (records.size() == 1) {
      insertOne(tx, records.get(0), "");
      return;
    }
    try (PreparedStatement insert = tx.prepareStatement(insertRow())) {
      for (OutboxRecord record : records) {
        set(insert, record);
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private void insertOne(Connection tx, OutboxRecord record, String then) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(insertRow() + then)) {
      set(insert, record);
      insert.executeUpdate();
    }
  }

  private String insertRow() {
    return "INSERT INTO " + outbox + " (" + COLUMNS
        + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?)";
  }

  private static void set(PreparedStatement insert, OutboxRecord record) throws SQLException {
    EventEnvelope event = record.event();
    insert.setShort(1, (short) record.partition());
    insert.setString(2, event.id());
    insert.setString(3, record.topic());
    insert.setString(4, event.orderingKey());
    insert.setString(5, event.type());
    insert.setString(6, event.source());
    insert.setString(7, event.subject().orElse(null));
    insert.setString(8, event.timeText().orElse(null));
    insert.setString(9, event.dataContentType().orElse(null));
    insert.setString(10, event.dataSchema().orElse(null));
    insert.setString(11, extensions(event));
    insert.setBytes(12, event.data());
  }

  private void insertMany(Connection tx, List<OutboxRecord> records, String then)
      throws SQLException {
    String sql = "INSERT INTO " + outbox + " (" + COLUMNS
        + ") SELECT part, id, topic, key, type, source, subject, time, contenttype, schema, extensions::jsonb, payload"
        + " FROM unnest(?::smallint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],"
        + " ?::text[], ?::text[], ?::text[], ?::bytea[]) WITH ORDINALITY"
        + " AS e(part, id, topic, key, type, source, subject, time, contenttype, schema, extensions, payload, n)"
        + " ORDER BY n" + then;
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
      texts(tx, insert, 11, records, PostgresOutboxStore::extensions);
      insert.setArray(
          12,
          tx.createArrayOf(
              "bytea", records.stream().map(r -> r.event().data()).toArray(byte[][]::new)));
      insert.executeUpdate();
    }
  }

  @Override
  public OutboxReader read(Collection<OwnedPartition> owned) throws SQLException {
    return SnapshotReader.open(database, slots, cursor, List.copyOf(owned));
  }

  /**
   * Truncates slots, for a {@code keep} of half an hour to an hour, and deletes row by row what truncation cannot have taken; for
   * any other, all of it is deleted row by row.
   */
  @Override
  public int purge(Duration keep, int atMost) {
    return slots.purge(keep, atMost);
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

  @Override
  public Optional<OutboxNotices> notices() throws SQLException {
    return Optional.of(PostgresNotices.open(database, channel));
  }

  /** At most 63 bytes, as every name. */
  private static String channel(TableNames names) {
    String name = names.schema().orElse("") + "." + names.prefix() + "outbox";
    return name.length() <= 63 ? name : name.substring(name.length() - 63);
  }

  private static @Nullable String extensions(EventEnvelope event) {
    return event.extensions().isEmpty() ? null : JsonMap.write(event.extensions());
  }

  private static void texts(
      Connection tx,
      PreparedStatement statement,
      int index,
      List<OutboxRecord> records,
      Function<EventEnvelope, @Nullable String> attribute)
      throws SQLException {
    statement.setArray(
        index, tx.createArrayOf("text", column(records, r -> attribute.apply(r.event()))));
  }

  private static Object[] column(List<OutboxRecord> records, Function<OutboxRecord, Object> value) {
    return records.stream().map(value).toArray();
  }
}
