package dev.msk.messaging.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.jdbc.SnapshotReader.Cursor;
import dev.msk.messaging.spi.OutboxRecord;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One pass over what a snapshot shows and the cursors' last one did not, sorted once and streamed.
 *
 * <p>The transaction that streams is ended after a number of chunks and begun again where it stood,
 * so that a large backlog does not hold back the vacuum of other tables.
 */
final class SnapshotStream {

  private static final int FIRST_FETCH = 200;
  private static final int MOST_FETCHED = 2_000;
  /** What is fetched at once, and what one chunk holds, as far as single events allow. */
  private static final long MAX_BYTES = 8L * 1024 * 1024;

  private static final int CHUNKS_PER_TRANSACTION = 200;
  /** About what attributes take. */
  private static final int OVERHEAD = 500;

  private final Connection connection;
  private final OutboxSlots slots;
  private @Nullable PreparedStatement statement;
  private @Nullable ResultSet rows;
  private final Map<Integer, Cursor> from = new HashMap<>();
  private final Map<Integer, Cursor> reached = new HashMap<>();
  private @Nullable String snapshot;
  private int chunks;

  SnapshotStream(Connection connection, OutboxSlots slots) {
    this.connection = connection;
    this.slots = slots;
  }

  /**
   * What was read, the cursors that are reached when all of it has been sent, and those of partitions that had nothing.
   */
  record Chunk(
      List<OutboxRecord> records, Map<Integer, Cursor> cursors, Map<Integer, Cursor> idle) {}

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
      return new Chunk(List.of(), Map.copyOf(reached), Map.of());
    }
    String reading = requireNonNull(snapshot);
    List<OutboxRecord> records = new ArrayList<>();
    Map<Integer, Long> lastOf = new HashMap<>();
    Map<Integer, Cursor> idle = new HashMap<>();
    boolean more = true;
    long bytes = 0;
    while (more && records.size() < atMost && bytes < MAX_BYTES) {
      OutboxRecord record = record(open);
      byte[] data = record.event().data();
      bytes += OVERHEAD + (data == null ? 0 : data.length);
      lastOf.put(record.partition(), open.getLong(3));
      records.add(record);
      more = open.next();
    }
    lastOf.forEach((part, seq) -> reached.put(part, new Cursor(done(part), reading, seq)));
    open.setFetchSize((int)
        Math.min(MOST_FETCHED, Math.max(1, MAX_BYTES / (bytes / records.size()))));
    if (!more) {
      closeStatement();
      Cursor end = new Cursor(reading, null, 0);
      reached.replaceAll((part, cursor) -> end);
      from.keySet().stream()
          .filter(part -> !reached.containsKey(part))
          .forEach(part -> idle.put(part, end));
    } else if (++chunks == CHUNKS_PER_TRANSACTION) {
      closeStatement();
      from.keySet().forEach(part -> reached.putIfAbsent(part, new Cursor(done(part), reading, 0)));
    }
    return new Chunk(records, Map.copyOf(reached), idle);
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
    WindowQuery query = new WindowQuery(from, snapshot);
    PreparedStatement select = connection.prepareStatement(query.sql(slots));
    statement = select;
    query.bind(select);
    select.setFetchSize(FIRST_FETCH);
    PostgresDriver.sendBinary(select);
    rows = select.executeQuery();
    return rows.next();
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

  /** Of one length, so that numbers sort as texts do. */
  private static String sequence(long seq) {
    byte[] digits = new byte[19];
    long rest = seq;
    for (int i = digits.length - 1; i >= 0; i--) {
      digits[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return new String(digits, StandardCharsets.ISO_8859_1);
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
    Map<String, String> extensions = JsonMap.read(row.getString(12));
    extensions.forEach(event::extension);
    if (!extensions.containsKey(Extension.SEQUENCE.attribute())) {
      event.extension(Extension.SEQUENCE, sequence(row.getLong(3)));
    }
    byte[] payload = row.getBytes(13);
    if (payload != null) {
      event.data(payload);
    }
    return new OutboxRecord(row.getInt(2), row.getString(5), event.build());
  }
}
