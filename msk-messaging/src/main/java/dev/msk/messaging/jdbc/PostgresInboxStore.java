package dev.msk.messaging.jdbc;

import dev.msk.core.jdbc.TableNames;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.spi.InboxStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * An inbox in PostgreSQL 14 or newer: one row for each message, inserted before its effect and
 * committed with it.
 *
 * <p>Events whose id is a UUID of version 7, which {@link dev.msk.messaging.Events} gives them, are kept by the day that their
 * id was made on, and a day that is old is truncated at once. Events with other ids, requests and answers are deleted row by
 * row when they are old.
 *
 * <p>A batch is inserted in the order of its identities, day by day, so that two consumers that got the same messages wait for
 * one another instead of deadlocking. Thread-safe.
 */
public final class PostgresInboxStore implements InboxStore {

  private final DataSource database;
  private final String inbox;
  private final InboxDays days;
  private final DeadLetterStore deadLetters;

  private PostgresInboxStore(DataSource database, TableNames names) {
    this.database = Objects.requireNonNull(database, "database");
    this.inbox = names.table("inbox");
    this.days = new InboxDays(names);
    this.deadLetters = new PostgresDeadLetterStore(names);
  }

  /**
   * The inbox {@code msk_inbox} in the schema that the connection's search path finds.
   *
   * @param database gives the connections of {@link #purge}; all else uses the caller's
   * @return a store
   */
  public static PostgresInboxStore of(DataSource database) {
    return of(database, TableNames.defaults());
  }

  /**
   * The inbox under the names that are given.
   *
   * @param database gives the connections of {@link #purge}; all else uses the caller's
   * @param names schema and prefix of the tables
   * @return a store
   */
  public static PostgresInboxStore of(DataSource database, TableNames names) {
    return new PostgresInboxStore(database, names);
  }

  /** One round trip for each day that the batch touches: nearly always one. */
  @Override
  public BitSet record(Connection tx, String consumer, List<EventEnvelope> events)
      throws SQLException {
    List<Entry> entries = Entry.sorted(events);
    BitSet fresh = new BitSet();
    for (int from = 0, to; from < entries.size(); from = to) {
      to = endOfDay(entries, from);
      List<Entry> day = entries.subList(from, to);
      if (day.get(0).source().equals(day.get(day.size() - 1).source())) {
        recordOfOneSource(tx, consumer, day, fresh);
      } else {
        recordOfMany(tx, consumer, day, fresh);
      }
    }
    return fresh;
  }

  private static int endOfDay(List<Entry> entries, int from) {
    int to = from + 1;
    while (to < entries.size() && entries.get(to).day() == entries.get(from).day()) {
      to++;
    }
    return to;
  }

  /** The usual case needs one array only, and gets less back. */
  private void recordOfOneSource(Connection tx, String consumer, List<Entry> entries, BitSet fresh)
      throws SQLException {
    String sql = "INSERT INTO " + days.table(entries.get(0).day()) + " (consumer, source, id)"
        + " SELECT ?, ?, unnest(?::text[]) ON CONFLICT DO NOTHING RETURNING id";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, consumer);
      insert.setString(2, entries.get(0).source());
      insert.setArray(3, tx.createArrayOf("text", column(entries, Entry::id)));
      try (ResultSet inserted = insert.executeQuery()) {
        int at = 0;
        while (inserted.next()) {
          String id = inserted.getString(1);
          at = next(entries, at, entry -> entry.id().equals(id));
          fresh.set(entries.get(at).index());
        }
      }
    }
  }

  private void recordOfMany(Connection tx, String consumer, List<Entry> entries, BitSet fresh)
      throws SQLException {
    String sql = "INSERT INTO " + days.table(entries.get(0).day()) + " (consumer, source, id)"
        + " SELECT ?, e.source, e.id FROM unnest(?::text[], ?::text[]) AS e(source, id)"
        + " ON CONFLICT DO NOTHING RETURNING source, id";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, consumer);
      insert.setArray(2, tx.createArrayOf("text", column(entries, Entry::source)));
      insert.setArray(3, tx.createArrayOf("text", column(entries, Entry::id)));
      try (ResultSet inserted = insert.executeQuery()) {
        int at = 0;
        while (inserted.next()) {
          String source = inserted.getString(1);
          String id = inserted.getString(2);
          at =
              next(entries, at, entry -> entry.id().equals(id) && entry.source().equals(source));
          fresh.set(entries.get(at).index());
        }
      }
    }
  }

  /** Rows come back in the order in which they were sent, so all are found in one walk; in any other order they are found too. */
  private static int next(List<Entry> entries, int from, Predicate<Entry> wanted) {
    for (int step = 0; step < entries.size(); step++) {
      int at = (from + step) % entries.size();
      if (wanted.test(entries.get(at))) {
        return at;
      }
    }
    throw new IllegalStateException("a row came back that was not sent");
  }

  private static Object[] column(List<Entry> entries, Function<Entry, String> value) {
    Object[] column = new Object[entries.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = value.apply(entries.get(i));
    }
    return column;
  }

  @Override
  public @Nullable Answered request(
      Connection tx, String consumer, String source, String id, byte[] fingerprint)
      throws SQLException {
    String sql = "INSERT INTO " + inbox + " (consumer, source, id, fingerprint) VALUES (?, ?, ?, ?)"
        + " ON CONFLICT DO NOTHING";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, consumer);
      insert.setString(2, source);
      insert.setString(3, id);
      insert.setBytes(4, fingerprint);
      if (insert.executeUpdate() == 1) {
        return null;
      }
    }
    return answered(tx, consumer, source, id);
  }

  @Override
  public void answer(Connection tx, String consumer, String source, String id, byte[] answer)
      throws SQLException {
    String sql =
        "UPDATE ONLY " + inbox + " SET answer = ? WHERE consumer = ? AND source = ? AND id = ?";
    try (PreparedStatement update = tx.prepareStatement(sql)) {
      update.setBytes(1, answer);
      update.setString(2, consumer);
      update.setString(3, source);
      update.setString(4, id);
      update.executeUpdate();
    }
  }

  @Override
  public DeadLetterStore deadLetters() {
    return deadLetters;
  }

  /**
   * {@inheritDoc}
   *
   * <p>A day that is old as a whole is truncated: that needs the privilege {@code TRUNCATE}, waits for no transaction, and
   * is tried again next time. Rows that truncation does not reach are deleted, at the latest when they are twice as old as
   * {@code keep}, or older than that by two days.
   *
   * <p>{@code TRUNCATE} shows also to snapshots from before it that the table is empty. That is harmless here: what it takes
   * was to be forgotten at that moment, whoever asks.
   */
  @Override
  public int purge(Duration keep, int atMost) throws SQLException {
    try (Connection connection = database.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(true);
      days.truncate(connection, keep);
      connection.setAutoCommit(false);
      try {
        int deleted = days.delete(connection, keep, atMost);
        connection.commit();
        connection.setAutoCommit(autoCommit);
        return deleted;
      } catch (SQLException e) {
        undo(connection, autoCommit, e);
        throw e;
      }
    }
  }

  private static void undo(Connection connection, boolean autoCommit, SQLException failure) {
    try {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  private @Nullable Answered answered(Connection tx, String consumer, String source, String id)
      throws SQLException {
    String sql = "SELECT fingerprint, answer FROM ONLY " + inbox
        + " WHERE consumer = ? AND source = ? AND id = ?";
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setString(1, consumer);
      select.setString(2, source);
      select.setString(3, id);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next() || row.getBytes(1) == null || row.getBytes(2) == null) {
          throw new SQLException(
              source + "#" + id + ": remembered without an answer (expected: an answered request)");
        }
        return new Answered(row.getBytes(1), row.getBytes(2));
      }
    }
  }

  /** An event's identity, and which of the batch it is. */
  private record Entry(int day, String source, String id, int index) {

    /** One order for all consumers, whatever order the statements have. */
    private static final Comparator<Entry> ORDER =
        Comparator.comparingInt(Entry::day).thenComparing(Entry::source).thenComparing(Entry::id);

    /** In the order in which all insert, each identity once, with its first index. */
    private static List<Entry> sorted(List<EventEnvelope> events) {
      List<Entry> all = new ArrayList<>(events.size());
      for (int i = 0; i < events.size(); i++) {
        EventEnvelope event = events.get(i);
        all.add(new Entry(InboxDays.of(event.id()), event.source(), event.id(), i));
      }
      all.sort(ORDER);
      List<Entry> once = new ArrayList<>(all.size());
      for (Entry entry : all) {
        if (once.isEmpty() || ORDER.compare(once.get(once.size() - 1), entry) != 0) {
          once.add(entry);
        }
      }
      return once;
    }
  }
}
