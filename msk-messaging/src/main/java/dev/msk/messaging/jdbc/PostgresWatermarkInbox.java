package dev.msk.messaging.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.TableNames;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.spi.InboxStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * An inbox in PostgreSQL 14 or newer that remembers one row for each source and ordering key: the highest {@code sequence}
 * that was processed. It grows with the number of keys, not of events, and forgets nothing with time.
 *
 * <p><b>When it is right.</b> Events of a key carry {@code sequence} (CloudEvents extension, compared as text by its bytes),
 * which grows in the order in which they first arrive. The outbox of this kit sees to both if the transactions that publish
 * for a key are serialised, which a row lock on the aggregate does. <b>When that is not so, an event that comes late is taken
 * for a repetition and is lost</b>: use {@link PostgresInboxStore} then.
 *
 * <p>An event that was parked or skipped is passed by the watermark; a parked one is kept as a dead letter, and its replay
 * takes effect once. Events without {@code sequence}, requests and their answers are remembered one by one, as {@link
 * PostgresInboxStore} does. Thread-safe.
 */
public final class PostgresWatermarkInbox implements InboxStore {

  private final PostgresInboxStore byId;
  private final String watermark;

  private PostgresWatermarkInbox(DataSource database, TableNames names) {
    this.byId = PostgresInboxStore.of(database, names);
    this.watermark = names.table("inbox_watermark");
  }

  /**
   * The inbox {@code msk_inbox_watermark} in the schema that the connection's search path finds.
   *
   * @param database gives the connections of {@link #purge}; all else uses the caller's
   * @return a store
   */
  public static PostgresWatermarkInbox of(DataSource database) {
    return of(database, TableNames.defaults());
  }

  /**
   * The inbox under the names that are given.
   *
   * @param database gives the connections of {@link #purge}; all else uses the caller's
   * @param names schema and prefix of the tables
   * @return a store
   */
  public static PostgresWatermarkInbox of(DataSource database, TableNames names) {
    return new PostgresWatermarkInbox(database, names);
  }

  @Override
  public boolean needsKeyOrder() {
    return true;
  }

  @Override
  public BitSet record(Connection tx, String consumer, List<EventEnvelope> events)
      throws SQLException {
    List<Integer> numbered = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      (sequence(events.get(i)) == null ? others : numbered).add(i);
    }
    BitSet fresh = new BitSet();
    if (!others.isEmpty()) {
      List<EventEnvelope> unnumbered = others.stream().map(events::get).toList();
      byId.record(tx, consumer, unnumbered).stream().map(others::get).forEach(fresh::set);
    }
    if (!numbered.isEmpty()) {
      raise(tx, consumer, events, numbered, fresh);
    }
    return fresh;
  }

  private void raise(
      Connection tx,
      String consumer,
      List<EventEnvelope> events,
      List<Integer> numbered,
      BitSet fresh)
      throws SQLException {
    SortedMap<Stream, String> highest = new TreeMap<>();
    for (int index : numbered) {
      EventEnvelope event = events.get(index);
      highest.merge(
          Stream.of(event), requireNonNull(sequence(event)), (a, b) -> a.compareTo(b) >= 0 ? a : b);
    }
    Map<Stream, String> marks = raise(tx, consumer, highest);
    for (int index : numbered) {
      EventEnvelope event = events.get(index);
      Stream stream = Stream.of(event);
      String sequence = requireNonNull(sequence(event));
      if (sequence.compareTo(requireNonNull(marks.get(stream))) > 0) {
        fresh.set(index);
        marks.put(stream, sequence);
      }
    }
  }

  /** In one statement, in the order of the rows, so that two consumers wait for one another instead of deadlocking. */
  private Map<Stream, String> raise(
      Connection tx, String consumer, SortedMap<Stream, String> highest) throws SQLException {
    String sql = "INSERT INTO " + watermark + " AS w (consumer, source, key, sequence)"
        + " SELECT ?, n.source, n.key, n.sequence FROM unnest(?::text[], ?::text[], ?::text[]) AS n(source, key, sequence)"
        + " ON CONFLICT (consumer, source, key) DO UPDATE SET previous = w.sequence,"
        + " sequence = greatest(w.sequence, excluded.sequence), raised_at = clock_timestamp()"
        + " RETURNING source, key, previous";
    Map<Stream, String> previous = new TreeMap<>();
    try (PreparedStatement upsert = tx.prepareStatement(sql)) {
      upsert.setString(1, consumer);
      upsert.setArray(2, tx.createArrayOf("text", column(highest, Stream::source)));
      upsert.setArray(3, tx.createArrayOf("text", column(highest, Stream::key)));
      upsert.setArray(4, tx.createArrayOf("text", highest.values().toArray()));
      try (ResultSet rows = upsert.executeQuery()) {
        while (rows.next()) {
          previous.put(new Stream(rows.getString(1), rows.getString(2)), rows.getString(3));
        }
      }
    }
    return previous;
  }

  private static Object[] column(
      SortedMap<Stream, String> highest, Function<Stream, Object> value) {
    return highest.keySet().stream().map(value).toArray();
  }

  private static @Nullable String sequence(EventEnvelope event) {
    return event.extension(Extension.SEQUENCE).orElse(null);
  }

  @Override
  public @Nullable Answered request(
      Connection tx, String consumer, String source, String id, byte[] fingerprint)
      throws SQLException {
    return byId.request(tx, consumer, source, id, fingerprint);
  }

  @Override
  public void answer(Connection tx, String consumer, String source, String id, byte[] answer)
      throws SQLException {
    byId.answer(tx, consumer, source, id, answer);
  }

  @Override
  public DeadLetterStore deadLetters() {
    return byId.deadLetters();
  }

  /** Forgets what is remembered one by one; watermarks stay. */
  @Override
  public int purge(Duration keep, int atMost) throws SQLException {
    return byId.purge(keep, atMost);
  }

  /** The events of one source and key. */
  private record Stream(String source, String key) implements Comparable<Stream> {

    private static Stream of(EventEnvelope event) {
      return new Stream(event.source(), event.orderingKey());
    }

    @Override
    public int compareTo(Stream other) {
      int bySource = source.compareTo(other.source);
      return bySource != 0 ? bySource : key.compareTo(other.key);
    }
  }
}
