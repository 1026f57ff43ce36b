package dev.msk.messaging.jdbc;

import dev.msk.messaging.spi.FencedException;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OwnedPartition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads snapshot after snapshot, and keeps the cursors of its partitions.
 *
 * <p>The cursors in memory run ahead of those in the table by the pages that are not acknowledged.
 * Only partitions that had events are written; the cursor of an idle one may lag behind in the table,
 * which costs nothing, because there is nothing between it and the one in memory.
 */
final class SnapshotReader implements OutboxReader {

  private static final Logger log = LoggerFactory.getLogger(SnapshotReader.class);

  /** A window's size is guessed too high: planning anew, and compiling, takes longer than running. */
  private static final String SETTINGS =
      "SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";

  private static final String RESET = "RESET jit; RESET plan_cache_mode; RESET enable_seqscan";

  private final String cursorTable;
  private final Connection writing;
  private final SnapshotStream stream;
  private final Map<Integer, Long> epochs = new HashMap<>();
  private final Map<Integer, Cursor> cursors = new HashMap<>();
  private final Queue<SentPage> unacknowledged = new ArrayDeque<>();

  private SnapshotReader(
      Connection writing, Connection reading, OutboxSlots slots, String cursorTable) {
    this.writing = writing;
    this.cursorTable = cursorTable;
    this.stream = new SnapshotStream(reading, slots);
  }

  static SnapshotReader open(
      DataSource database, OutboxSlots slots, String cursorTable, Collection<OwnedPartition> owned)
      throws SQLException {
    Connection writing = database.getConnection();
    Connection reading = null;
    try {
      reading = database.getConnection();
      writing.setAutoCommit(true);
      reading.setAutoCommit(true);
      execute(reading, SETTINGS);
      reading.setAutoCommit(false);
      SnapshotReader reader = new SnapshotReader(writing, reading, slots, cursorTable);
      reader.claim(owned);
      return reader;
    } catch (SQLException | RuntimeException e) {
      closeBoth(writing, reading, e);
      throw e;
    }
  }

  @Override
  public Page next(int atMost) throws SQLException {
    if (!stream.isOpen()) {
      stream.open(cursors);
    }
    SnapshotStream.Chunk chunk = stream.read(atMost);
    cursors.putAll(chunk.cursors());
    cursors.putAll(chunk.idle());
    SentPage page = new SentPage(List.copyOf(chunk.records()), chunk.cursors(), stream.isOpen());
    if (!page.records().isEmpty()) {
      unacknowledged.add(page);
    }
    return page;
  }

  @Override
  public void acknowledge(Page page) throws SQLException {
    if (page.records().isEmpty()) {
      return;
    }
    Map<Integer, Cursor> reached = new HashMap<>();
    SentPage sent;
    do {
      sent = unacknowledged.poll();
      if (sent == null) {
        throw new NoSuchElementException("not an unacknowledged page of this reader");
      }
      reached.putAll(sent.cursors());
    } while (sent != page);
    write(reached);
  }

  @Override
  public void close() {
    stream.close();
    closeBoth(writing, stream.connection(), null);
  }

  private void claim(Collection<OwnedPartition> owned) throws SQLException {
    String sql = "UPDATE " + cursorTable + " c SET epoch = o.epoch, updated_at = clock_timestamp()"
        + " FROM unnest(?::smallint[], ?::bigint[]) AS o(part, epoch)"
        + " WHERE c.part = o.part AND c.epoch <= o.epoch"
        + " RETURNING c.part, c.done::text, c.reading::text, c.reading_seq";
    try (PreparedStatement claim = writing.prepareStatement(sql)) {
      claim.setArray(
          1,
          writing.createArrayOf(
              "int2", owned.stream().map(o -> (short) o.partition()).toArray()));
      claim.setArray(
          2,
          writing.createArrayOf(
              "int8", owned.stream().map(OwnedPartition::epoch).toArray()));
      try (ResultSet rows = claim.executeQuery()) {
        while (rows.next()) {
          cursors.put(
              rows.getInt(1), new Cursor(rows.getString(2), rows.getString(3), rows.getLong(4)));
        }
      }
    }
    owned.forEach(o -> epochs.put(o.partition(), o.epoch()));
    refuseIfFenced(cursors.keySet(), epochs.keySet());
  }

  /** Without waiting for the disk: what a crash of the database forgets is sent again. */
  private void write(Map<Integer, Cursor> reached) throws SQLException {
    String sql = "UPDATE " + cursorTable
        + " c SET done = n.done::pg_snapshot, reading = n.reading::pg_snapshot,"
        + " reading_seq = n.seq, updated_at = clock_timestamp()"
        + " FROM unnest(?::smallint[], ?::bigint[], ?::text[], ?::text[], ?::bigint[])"
        + " AS n(part, epoch, done, reading, seq), set_config('synchronous_commit', 'off', true)"
        + " WHERE c.part = n.part AND c.epoch = n.epoch RETURNING c.part";
    List<Integer> parts = List.copyOf(reached.keySet());
    List<Integer> written = new ArrayList<>();
    try (PreparedStatement update = writing.prepareStatement(sql)) {
      update.setArray(
          1,
          writing.createArrayOf("int2", parts.stream().map(Integer::shortValue).toArray()));
      update.setArray(
          2, writing.createArrayOf("int8", parts.stream().map(epochs::get).toArray()));
      update.setArray(3, writing.createArrayOf("text", column(parts, reached, Cursor::done)));
      update.setArray(4, writing.createArrayOf("text", column(parts, reached, Cursor::reading)));
      update.setArray(5, writing.createArrayOf("int8", column(parts, reached, Cursor::readingSeq)));
      try (ResultSet rows = update.executeQuery()) {
        while (rows.next()) {
          written.add(rows.getInt(1));
        }
      }
    }
    refuseIfFenced(written, parts);
  }

  private void refuseIfFenced(Collection<Integer> ours, Collection<Integer> wanted) {
    List<OwnedPartition> lost = wanted.stream()
        .filter(part -> !ours.contains(part))
        .map(part -> new OwnedPartition(part, epochs.getOrDefault(part, 0L)))
        .toList();
    if (!lost.isEmpty()) {
      throw new FencedException(lost);
    }
  }

  private static @Nullable Object[] column(
      List<Integer> parts,
      Map<Integer, Cursor> cursors,
      java.util.function.Function<Cursor, @Nullable Object> value) {
    return parts.stream().map(part -> value.apply(cursors.get(part))).toArray();
  }

  private static void closeBoth(
      @Nullable Connection writing, @Nullable Connection reading, @Nullable Exception because) {
    for (Connection connection : new Connection[] {reading, writing}) {
      try {
        giveBack(connection);
      } catch (SQLException e) {
        if (because != null) {
          because.addSuppressed(e);
        } else {
          log.warn("A reader of the outbox gave a connection back with an error", e);
        }
      }
    }
  }

  /** Closes it also when it cannot be rolled back: a pool takes it back or throws it away. */
  private static void giveBack(@Nullable Connection connection) throws SQLException {
    try (connection) {
      if (connection != null && !connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
        execute(connection, RESET);
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** How far a partition has been read. {@code reading} is null between two snapshots. */
  record Cursor(String done, @Nullable String reading, long readingSeq) {}

  private record SentPage(
      List<OutboxRecord> records, Map<Integer, Cursor> cursors, boolean isFollowed)
      implements Page {}
}
