package dev.msk.messaging.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.TableNames;
import dev.msk.messaging.DeadLetter;
import dev.msk.messaging.DeadLetters.Act;
import dev.msk.messaging.DeadLetters.By;
import dev.msk.messaging.DeadLetters.Entry;
import dev.msk.messaging.DeadLetters.Filter;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.ParkedMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters in PostgreSQL, and their history. A key is held by the rows themselves: whoever asks locks them in share
 * mode, whoever takes the last one out waits for that, and the other way round.
 */
final class PostgresDeadLetterStore implements DeadLetterStore {

  private static final String COLUMNS =
      "seq, consumer, origin, source, id, type, key, headers::text, body, error, attempts, parked_at, holds_key, replay_by";

  /** The same six parameters for each statement that takes a filter; null is any. */
  private static final String MATCHES = " consumer = ? AND (?::bigint IS NULL OR seq = ?)"
      + " AND (?::text IS NULL OR source = ?) AND (?::text IS NULL OR type = ?)"
      + " AND (?::text IS NULL OR key = ?) AND (?::text IS NULL OR position(? IN error) > 0)"
      + " AND (?::timestamptz IS NULL OR parked_at < ?)";

  private final String letter;
  private final String history;

  PostgresDeadLetterStore(TableNames names) {
    this.letter = names.table("dead_letter");
    this.history = names.table("dead_letter_history");
  }

  @Override
  public void park(Connection tx, String consumer, ParkedMessage message, boolean holdsKey)
      throws SQLException {
    String sql = "INSERT INTO " + letter
        + " (consumer, origin, source, id, type, key, headers, body, error, attempts, digest, holds_key, replay_by)"
        + " VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, (SELECT replay_by FROM " + letter
        + " WHERE holds_key AND consumer = ? AND key = ? ORDER BY seq DESC LIMIT 1)) ON CONFLICT DO NOTHING";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, consumer);
      insert.setString(2, message.origin().toString());
      insert.setString(3, message.source());
      insert.setString(4, message.id());
      insert.setString(5, message.type());
      insert.setString(6, message.key());
      insert.setString(7, JsonMap.write(message.headers()));
      insert.setBytes(8, message.body());
      insert.setString(9, message.error());
      insert.setInt(10, message.attempts());
      insert.setBytes(11, message.digest());
      insert.setBoolean(12, holdsKey && message.key() != null);
      insert.setString(13, consumer);
      insert.setString(14, holdsKey ? message.key() : null);
      insert.executeUpdate();
    }
  }

  @Override
  public Set<String> heldKeys(Connection tx, String consumer, Collection<String> keys)
      throws SQLException {
    String sql = "SELECT key FROM " + letter
        + " WHERE consumer = ? AND holds_key AND key = ANY (?) ORDER BY seq FOR SHARE";
    Set<String> held = new HashSet<>();
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setString(1, consumer);
      select.setArray(2, tx.createArrayOf("text", keys.toArray()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          held.add(rows.getString(1));
        }
      }
    }
    return held;
  }

  @Override
  public Optional<DeadLetter> nextReplay(Connection tx, String consumer) throws SQLException {
    String sql = "SELECT " + COLUMNS + " FROM " + letter + " d"
        + " WHERE consumer = ? AND replay_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " + letter
        + " e WHERE e.consumer = d.consumer AND e.key = d.key AND e.seq < d.seq"
        + " AND (e.replay_by IS NOT NULL OR e.holds_key)) ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED";
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setString(1, consumer);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(letter(row)) : Optional.empty();
      }
    }
  }

  @Override
  public void replayed(Connection tx, DeadLetter replayed) throws SQLException {
    String sql = "WITH gone AS (DELETE FROM " + letter + " WHERE seq = ? RETURNING *) "
        + insertHistory(Act.REPLAYED, "replay_by", "'replayed'", "gone");
    try (PreparedStatement delete = tx.prepareStatement(sql)) {
      delete.setLong(1, replayed.number());
      delete.executeUpdate();
    }
  }

  @Override
  public void replayFailed(Connection tx, DeadLetter failed, String error) throws SQLException {
    String sql = "WITH stays AS (UPDATE " + letter
        + " SET replay_by = NULL, error = CASE seq WHEN ? THEN ? ELSE error END,"
        + " attempts = attempts + CASE seq WHEN ? THEN 1 ELSE 0 END"
        + " WHERE consumer = ? AND replay_by IS NOT NULL AND (seq = ? OR key = ?) RETURNING *) "
        + insertHistory(Act.REPLAY_FAILED, "consumer", "left(error, 1000)", "stays WHERE seq = ?");
    try (PreparedStatement update = tx.prepareStatement(sql)) {
      update.setLong(1, failed.number());
      update.setString(2, error);
      update.setLong(3, failed.number());
      update.setString(4, failed.consumer());
      update.setLong(5, failed.number());
      update.setString(6, failed.message().key());
      update.setLong(7, failed.number());
      update.executeUpdate();
    }
  }

  @Override
  public List<DeadLetter> list(
      Connection tx, String consumer, Filter filter, long after, int atMost) throws SQLException {
    String sql = "SELECT " + COLUMNS + " FROM " + letter + " WHERE" + MATCHES
        + " AND seq > ? ORDER BY seq LIMIT ?";
    List<DeadLetter> letters = new ArrayList<>();
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      int next = match(select, 1, consumer, filter);
      select.setLong(next, after);
      select.setInt(next + 1, atMost);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          letters.add(letter(rows));
        }
      }
    }
    return letters;
  }

  @Override
  public int requestReplay(Connection tx, String consumer, Filter filter, By by)
      throws SQLException {
    String sql = "WITH asked AS (UPDATE " + letter + " SET replay_by = ? WHERE" + MATCHES
        + " RETURNING *) " + insertHistory(Act.REPLAY_REQUESTED, "?", "?", "asked");
    try (PreparedStatement update = tx.prepareStatement(sql)) {
      update.setString(1, by.actor());
      int next = match(update, 2, consumer, filter);
      update.setString(next, by.actor());
      update.setString(next + 1, by.reason());
      return update.executeUpdate();
    }
  }

  @Override
  public int discard(Connection tx, String consumer, Filter filter, By by) throws SQLException {
    String sql = "WITH gone AS (DELETE FROM " + letter + " WHERE" + MATCHES + " RETURNING *) "
        + insertHistory(Act.DISCARDED, "?", "?", "gone");
    try (PreparedStatement delete = tx.prepareStatement(sql)) {
      int next = match(delete, 1, consumer, filter);
      delete.setString(next, by.actor());
      delete.setString(next + 1, by.reason());
      return delete.executeUpdate();
    }
  }

  @Override
  public List<Entry> history(Connection tx, String consumer, long after, int atMost)
      throws SQLException {
    String sql = "SELECT seq, at, act, letter, event, actor, reason FROM " + history
        + " WHERE consumer = ? AND seq > ? ORDER BY seq LIMIT ?";
    List<Entry> entries = new ArrayList<>();
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setString(1, consumer);
      select.setLong(2, after);
      select.setInt(3, atMost);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          entries.add(new Entry(
              rows.getLong(1),
              rows.getObject(2, OffsetDateTime.class).toInstant(),
              Act.valueOf(rows.getString(3)),
              rows.getLong(4),
              rows.getString(5),
              new By(rows.getString(6), rows.getString(7))));
        }
      }
    }
    return entries;
  }

  private String insertHistory(Act act, String actor, String reason, String from) {
    return "INSERT INTO " + history + " (consumer, act, letter, event, actor, reason)"
        + " SELECT consumer, '" + act + "', seq, coalesce(source || ' ' || id, origin), " + actor
        + ", " + reason + " FROM " + from;
  }

  /** Sets the parameters of {@link #MATCHES}; returns the index of the next one. */
  private static int match(PreparedStatement statement, int first, String consumer, Filter filter)
      throws SQLException {
    int next = first;
    statement.setString(next++, consumer);
    Instant parkedBefore = filter.parkedBefore();
    OffsetDateTime before = parkedBefore == null ? null : parkedBefore.atOffset(ZoneOffset.UTC);
    @Nullable
    Object[] values = {
      filter.number(), filter.source(), filter.type(), filter.key(), filter.error(), before
    };
    for (Object value : values) {
      statement.setObject(next++, value);
      statement.setObject(next++, value);
    }
    return next;
  }

  private static DeadLetter letter(ResultSet row) throws SQLException {
    ParkedMessage message = new ParkedMessage(
        Delivery.Origin.parse(row.getString(3)),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        JsonMap.read(row.getString(8)),
        row.getBytes(9),
        requireNonNull(row.getString(10)),
        row.getInt(11));
    return new DeadLetter(
        row.getLong(1),
        row.getString(2),
        message,
        row.getObject(12, OffsetDateTime.class).toInstant(),
        row.getBoolean(13),
        row.getString(14) != null);
  }
}
