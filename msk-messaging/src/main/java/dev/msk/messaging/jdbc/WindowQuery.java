package dev.msk.messaging.jdbc;

import dev.msk.messaging.jdbc.SnapshotReader.Cursor;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of partitions whose transactions their cursors' snapshots did not show, in the order of {@code seq}: those that
 * began after it, and those that were under way. Both are ranges of the primary key, however long a transaction lasts.
 *
 * <p>Their places are sorted, and rows are fetched by places, {@value #CHUNK} at a time, when their turn comes: sorting a
 * backlog with its payloads would write it to disk once more. {@code OFFSET 0} keeps the planner from joining first. A place
 * counts within a slot. Places hold: rows are never updated, and those that have not been sent are not deleted.
 */
final class WindowQuery {

  private static final int CHUNK = 500;

  private static final String COLUMNS =
      "o.part, o.seq, o.id, o.aggregatetype, o.type, o.source, o.subject, o.time,"
          + " o.datacontenttype, o.dataschema, o.extensions::text, o.payload";

  private final Map<Integer, Cursor> from;
  private final @Nullable String resumed;
  private final long newest;
  private final NavigableSet<Long> underWay;

  /**
   * @param from the partitions and how far each was read
   * @param resumed the snapshot that was interrupted; null to take a new one
   */
  WindowQuery(Map<Integer, Cursor> from, @Nullable String resumed) {
    this.from = from;
    this.resumed = resumed;
    List<Snapshot> snapshots =
        from.values().stream().map(Cursor::done).distinct().map(Snapshot::parse).toList();
    this.newest = snapshots.stream().mapToLong(Snapshot::xmax).min().orElse(0);
    this.underWay = new TreeSet<>();
    for (Snapshot snapshot : snapshots) {
      snapshot.underWay().stream().filter(xid -> xid < newest).forEach(underWay::add);
    }
  }

  void bind(PreparedStatement select) throws SQLException {
    Connection connection = select.getConnection();
    Collection<Integer> partitions = from.keySet();
    Array parts = connection.createArrayOf(
        "int2", partitions.stream().map(Integer::shortValue).toArray());
    int index = 0;
    select.setArray(++index, parts);
    select.setLong(++index, newest);
    if (!underWay.isEmpty()) {
      select.setArray(++index, parts);
      select.setArray(++index, connection.createArrayOf("int8", underWay.toArray()));
    }
    if (isExact()) {
      select.setArray(++index, parts);
      select.setArray(
          ++index,
          connection.createArrayOf(
              "text", from.values().stream().map(Cursor::done).toArray()));
      select.setArray(
          ++index,
          connection.createArrayOf(
              "int8", from.values().stream().map(Cursor::readingSeq).toArray()));
    }
    if (resumed != null) {
      select.setString(++index, resumed);
    }
  }

  /** Whether the ranges hold rows that a cursor has passed. */
  private boolean isExact() {
    return resumed != null
        || from.values().stream().map(Cursor::done).distinct().count() > 1;
  }

  String sql(OutboxSlots slots) {
    String outbox = slots.all();
    return "SELECT " + (resumed == null ? "(SELECT pg_current_snapshot()::text)" : "NULL") + ", "
        + COLUMNS
        + " FROM (SELECT w.chunk, w.slot, array_agg(w.place) AS places FROM ("
        + "SELECT k.place, k.slot, (row_number() OVER (ORDER BY k.seq) - 1) / " + CHUNK
        + " AS chunk FROM ("
        + "SELECT a.ctid AS place, a.slot, a.part, a.xid, a.seq FROM " + outbox + " a"
        + " WHERE a.part = ANY (?) AND a.xid >= ?::text::xid8"
        + (underWay.isEmpty()
            ? ""
            : " UNION ALL SELECT b.ctid, b.slot, b.part, b.xid, b.seq FROM " + outbox + " b"
                + " WHERE b.part = ANY (?) AND b.xid = ANY (?::text[]::xid8[])")
        + ") k"
        + (isExact()
            ? " JOIN unnest(?::smallint[], ?::text[], ?::bigint[]) AS p(part, done, seq) ON p.part = k.part"
                + " WHERE k.seq > p.seq AND NOT pg_visible_in_snapshot(k.xid, p.done::pg_snapshot)"
            : "")
        + (resumed == null ? "" : " AND pg_visible_in_snapshot(k.xid, ?::pg_snapshot)")
        + ") w GROUP BY w.chunk, w.slot ORDER BY w.chunk) s"
        + " CROSS JOIN LATERAL (" + rows(slots.tables()) + " OFFSET 0) o"
        + " ORDER BY s.chunk, o.seq";
  }

  /** Table by table: told of the one that they make up, the planner may look for {@code slot} in the primary key. */
  private static String rows(List<String> tables) {
    return IntStream.range(0, tables.size())
        .mapToObj(slot -> "SELECT * FROM " + tables.get(slot) + " r WHERE s.slot = " + slot
            + " AND r.ctid = ANY (s.places)")
        .collect(Collectors.joining(" UNION ALL "));
  }

  /** {@code xmin:xmax:xid,xid}: shows what had ended below {@code xmax} but those that were under way. */
  private record Snapshot(long xmax, List<Long> underWay) {

    private static Snapshot parse(String text) {
      String[] parts = text.split(":", -1);
      return new Snapshot(
          Long.parseLong(parts[1]),
          parts[2].isEmpty()
              ? List.of()
              : List.of(parts[2].split(",", -1)).stream().map(Long::valueOf).toList());
    }
  }
}
