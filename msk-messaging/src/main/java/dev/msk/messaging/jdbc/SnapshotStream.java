package dev.msk.messaging.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.jdbc.SnapshotReader.Cursor;
import dev.msk.messaging.spi.OutboxRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One pass over what a snapshot shows and the cursors' last one did not, sorted once and streamed.
 *
 * <p>The transaction that streams is ended after a number of chunks and begun again where it stood,
 * so that a large backlog does not hold back the vacuum of other tables.
 */
final class SnapshotStream {

  private static final int FETCH_SIZE = 200;
  private static final int CHUNKS_PER_TRANSACTION = 200;
  private static final String COLUMNS =
      "o.part, o.seq, o.id, o.aggregatetype, o.type, o.source, o.subject, o.time,"
          + " o.datacontenttype, o.dataschema, o.extensions::text, o.payload";

  private final Connection connection;
  private final String outbox;
  private @Nullable PreparedStatement statement;
  private @Nullable ResultSet rows;
  private final Map<Integer, Cursor> from = new HashMap<>();
  private final Map<Integer, Cursor> reached = new HashMap<>();
  private @Nullable String snapshot;
  private int chunks;

  SnapshotStream(Connection connection, String outbox) {
    this.connection = connection;
    this.outbox = outbox;
  }

  /** What was read, and the cursors that are reached when all of it has been sent. */
  record Chunk(List<OutboxRecord> records, Map<Integer, Cursor> cursors) {}

  Connection connection() {
    return connection;
  }

  boolean isOpen() {
    return rows != null;
  }

  /** Goes on with an interrupted snapshot when a cursor stands in one, else takes a new one. */
  void open(Map<Integer, Cursor> cursors) throws SQLException {
    from.clear();
    reached.clear();
    chunks = 0;
    snapshot = cursors.values().stream()
        .filter(cursor -> cursor.reading() != null)
        .findFirst()
        .map(Cursor::reading)
        .orElse(null);
    cursors.forEach((part, cursor) -> {
      if (snapshot == null || snapshot.equals(cursor.reading())) {
        from.put(part, cursor);
      }
    });
    if (execute()) {
      if (snapshot == null) {
        snapshot = requireNonNull(rows).getString(1);
      } else {
        reached.putAll(from);
      }
      return;
    }
    closeStatement();
    if (snapshot != null) {
      from.keySet().forEach(part -> reached.put(part, new Cursor(snapshot, null, 0)));
    }
  }

  Chunk read(int atMost) throws SQLException {
    ResultSet open = rows;
    if (open == null) {
      return new Chunk(List.of(), Map.copyOf(reached));
    }
    String reading = requireNonNull(snapshot);
    List<OutboxRecord> records = new ArrayList<>();
    boolean more = true;
    while (more && records.size() < atMost) {
      OutboxRecord record = record(open);
      reached.put(
          record.partition(), new Cursor(done(record.partition()), reading, open.getLong(3)));
      records.add(record);
      more = open.next();
    }
    if (!more) {
      closeStatement();
      reached.replaceAll((part, cursor) -> new Cursor(reading, null, 0));
    } else if (++chunks == CHUNKS_PER_TRANSACTION) {
      closeStatement();
      from.keySet().forEach(part -> reached.putIfAbsent(part, new Cursor(done(part), reading, 0)));
    }
    return new Chunk(records, Map.copyOf(reached));
  }

  void close() {
    try {
      closeStatement();
    } catch (SQLException e) {
      // The connection is closed next; the database forgets the statement with it.
      rows = null;
    }
  }

  /** Stands on the first row afterwards; false when there is none. */
  private boolean execute() throws SQLException {
    PreparedStatement select = connection.prepareStatement(sql(snapshot != null));
    statement = select;
    select.setFetchSize(FETCH_SIZE);
    List<Map.Entry<Integer, Cursor>> entries = List.copyOf(from.entrySet());
    array(select, 1, "int2", entries, entry -> entry.getKey().shortValue());
    array(select, 2, "text", entries, entry -> entry.getValue().done());
    array(select, 3, "int8", entries, entry -> entry.getValue().readingSeq());
    if (snapshot != null) {
      select.setString(4, snapshot);
    }
    rows = select.executeQuery();
    return rows.next();
  }

  private void array(
      PreparedStatement select,
      int index,
      String type,
      List<Map.Entry<Integer, Cursor>> entries,
      Function<Map.Entry<Integer, Cursor>, Object> value)
      throws SQLException {
    select.setArray(
        index, connection.createArrayOf(type, entries.stream().map(value).toArray()));
  }

  private void closeStatement() throws SQLException {
    rows = null;
    if (statement != null) {
      statement.close();
      statement = null;
      connection.commit();
    }
  }

  private String done(int part) {
    return requireNonNull(from.get(part)).done();
  }

  /**
   * The rows whose transaction the cursor's snapshot did not show: those that began after it, and
   * those that were under way. Both are ranges of the primary key, however long a transaction lasts.
   */
  private String sql(boolean resumed) {
    return "SELECT " + (resumed ? "NULL" : "(SELECT pg_current_snapshot()::text)") + ", " + COLUMNS
        + " FROM unnest(?::smallint[], ?::text[], ?::bigint[]) AS p(part, done, seq)"
        + " CROSS JOIN LATERAL (SELECT * FROM " + outbox + " a"
        + " WHERE a.part = p.part AND a.xid >= pg_snapshot_xmax(p.done::pg_snapshot)"
        + " UNION ALL SELECT b.* FROM pg_snapshot_xip(p.done::pg_snapshot) AS x(xid)"
        + " JOIN " + outbox + " b ON b.part = p.part AND b.xid = x.xid) o"
        + " WHERE o.seq > p.seq"
        + (resumed ? " AND pg_visible_in_snapshot(o.xid, ?::pg_snapshot)" : "")
        + " ORDER BY o.seq";
  }

  private static OutboxRecord record(ResultSet row) throws SQLException {
    EventEnvelope.Builder event =
        EventEnvelope.builder(row.getString(4), row.getString(7), row.getString(6));
    String subject = row.getString(8);
    if (subject != null) {
      event.subject(subject);
    }
    String time = row.getString(9);
    if (time != null) {
      event.time(time);
    }
    String contentType = row.getString(10);
    if (contentType != null) {
      event.dataContentType(contentType);
    }
    String schema = row.getString(11);
    if (schema != null) {
      event.dataSchema(schema);
    }
    JsonMap.read(row.getString(12)).forEach(event::extension);
    byte[] payload = row.getBytes(13);
    if (payload != null) {
      event.data(payload);
    }
    return new OutboxRecord(row.getInt(2), row.getString(5), event.build());
  }
}
