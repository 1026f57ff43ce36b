package dev.msk.messaging.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.TableNames;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.spi.InboxStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * An inbox in PostgreSQL 14 or newer: one row for each message, inserted before its effect and
 * committed with it.
 *
 * <p>A batch is inserted in the order of its identities, so that two consumers that got the same
 * messages wait for one another instead of deadlocking. Thread-safe.
 */
public final class PostgresInboxStore implements InboxStore {

  private final DataSource database;
  private final String inbox;
  private final DeadLetterStore deadLetters;

  private PostgresInboxStore(DataSource database, TableNames names) {
    this.database = Objects.requireNonNull(database, "database");
    this.inbox = names.table("inbox");
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

  @Override
  public BitSet record(Connection tx, String consumer, List<EventEnvelope> events)
      throws SQLException {
    SortedMap<Identity, Integer> indices = new TreeMap<>();
    for (int i = 0; i < events.size(); i++) {
      indices.putIfAbsent(new Identity(events.get(i).source(), events.get(i).id()), i);
    }
    boolean oneSource = !indices.isEmpty()
        && indices.firstKey().source().equals(indices.lastKey().source());
    return oneSource
        ? recordOfOneSource(tx, consumer, indices)
        : recordOfMany(tx, consumer, indices);
  }

  /** The usual case needs one array only, and gets less back. */
  private BitSet recordOfOneSource(
      Connection tx, String consumer, SortedMap<Identity, Integer> indices) throws SQLException {
    String sql = "INSERT INTO " + inbox + " (consumer, source, id)"
        + " SELECT ?, ?, unnest(?::text[]) ON CONFLICT DO NOTHING RETURNING id";
    String source = indices.firstKey().source();
    BitSet fresh = new BitSet();
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, consumer);
      insert.setString(2, source);
      insert.setArray(3, tx.createArrayOf("text", column(indices, Identity::id)));
      try (ResultSet inserted = insert.executeQuery()) {
        while (inserted.next()) {
          fresh.set(requireNonNull(indices.get(new Identity(source, inserted.getString(1)))));
        }
      }
    }
    return fresh;
  }

  private BitSet recordOfMany(Connection tx, String consumer, SortedMap<Identity, Integer> indices)
      throws SQLException {
    String sql = "INSERT INTO " + inbox + " (consumer, source, id)"
        + " SELECT ?, e.source, e.id FROM unnest(?::text[], ?::text[]) AS e(source, id)"
        + " ON CONFLICT DO NOTHING RETURNING source, id";
    BitSet fresh = new BitSet();
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, consumer);
      insert.setArray(2, tx.createArrayOf("text", column(indices, Identity::source)));
      insert.setArray(3, tx.createArrayOf("text", column(indices, Identity::id)));
      try (ResultSet inserted = insert.executeQuery()) {
        while (inserted.next()) {
          Identity identity = new Identity(inserted.getString(1), inserted.getString(2));
          fresh.set(requireNonNull(indices.get(identity)));
        }
      }
    }
    return fresh;
  }

  private static Object[] column(
      SortedMap<Identity, Integer> indices, Function<Identity, Object> value) {
    return indices.keySet().stream().map(value).toArray();
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
    String sql = "UPDATE " + inbox + " SET answer = ? WHERE consumer = ? AND source = ? AND id = ?";
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

  @Override
  public int purge(Duration keep, int atMost) throws SQLException {
    String sql = "DELETE FROM " + inbox + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + inbox
        + " WHERE received_at < clock_timestamp() - ? * interval '1 millisecond' LIMIT ?))";
    try (Connection connection = database.getConnection();
        PreparedStatement delete = connection.prepareStatement(sql)) {
      delete.setLong(1, keep.toMillis());
      delete.setInt(2, atMost);
      return delete.executeUpdate();
    }
  }

  private @Nullable Answered answered(Connection tx, String consumer, String source, String id)
      throws SQLException {
    String sql = "SELECT fingerprint, answer FROM " + inbox
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

  private record Identity(String source, String id) implements Comparable<Identity> {
    @Override
    public int compareTo(Identity other) {
      int bySource = source.compareTo(other.source);
      return bySource != 0 ? bySource : id.compareTo(other.id);
    }
  }
}
