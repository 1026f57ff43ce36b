package dev.msk.core.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.LeaseState;
import dev.msk.core.jdbc.TableNames;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The statements of leases, on PostgreSQL.
 *
 * <p>Row locks do the fencing. A fence takes FOR KEY SHARE. A renewal and a release take FOR NO KEY UPDATE, which a fence does
 * not hinder. An acquisition takes FOR UPDATE, which a fence does hinder: it skips the row until the fenced transaction has
 * ended.
 *
 * <p>The clock is clock_timestamp(), never now(), which stands still in a transaction.
 */
final class PostgresLeaseSql implements LeaseSql {

  private final String fence;
  private final String acquire;
  private final String create;
  private final String renew;
  private final String release;
  private final String list;
  private final String forget;

  PostgresLeaseSql(TableNames names) {
    String lease = names.table("lease");
    String nextEpoch = "nextval('" + names.table("lease_epoch") + "')";
    fence = "SELECT 1 FROM " + lease + " WHERE name = ? AND epoch = ? AND owner = ? FOR KEY SHARE";
    acquire = "UPDATE " + lease + " AS l SET owner = ?, epoch = " + nextEpoch + """
        , acquired_at = clock_timestamp(),
            expires_at = clock_timestamp() + ? * interval '1 microsecond'
        FROM (SELECT c.name FROM unnest(?) WITH ORDINALITY AS w(name, place)
                JOIN\s""" + lease + """
         AS c ON c.name = w.name
               WHERE c.owner IS NULL OR c.owner = ? OR c.expires_at <= clock_timestamp()
               ORDER BY w.place LIMIT ? FOR UPDATE OF c SKIP LOCKED) AS free
        WHERE l.name = free.name RETURNING l.name, l.epoch""";
    create =
        "INSERT INTO " + lease + " (name, owner, epoch, acquired_at, expires_at) SELECT m.name, ?, "
            + nextEpoch + """
        , clock_timestamp(), clock_timestamp() + ? * interval '1 microsecond'
        FROM (SELECT w.name FROM unnest(?) WITH ORDINALITY AS w(name, place)
               WHERE NOT EXISTS (SELECT 1 FROM\s""" + lease + """
         AS c WHERE c.name = w.name)
               ORDER BY w.place LIMIT ?) AS m
        ORDER BY m.name ON CONFLICT (name) DO NOTHING RETURNING name, epoch""";
    String held = """
        FROM (SELECT c.name FROM unnest(?, ?) AS h(name, epoch)
                JOIN\s""" + lease + """
         AS c ON c.name = h.name AND c.epoch = h.epoch
               WHERE c.owner = ? AND c.expires_at > clock_timestamp()
               ORDER BY c.name FOR NO KEY UPDATE OF c) AS held
        WHERE l.name = held.name""";
    renew = "UPDATE " + lease
        + " AS l SET expires_at = clock_timestamp() + ? * interval '1 microsecond' " + held
        + " RETURNING l.name, l.epoch";
    release = "UPDATE " + lease + " AS l SET owner = NULL, expires_at = clock_timestamp() " + held;
    list =
        "SELECT name, owner, epoch, owner IS NOT NULL AND expires_at > clock_timestamp(), acquired_at, expires_at FROM "
            + lease + " WHERE starts_with(name, ?) ORDER BY name LIMIT ?";
    forget = "DELETE FROM " + lease + " WHERE name IN (SELECT name FROM " + lease + """
         WHERE starts_with(name, ?) AND expires_at < clock_timestamp() - ? * interval '1 microsecond'
         ORDER BY name LIMIT ? FOR UPDATE SKIP LOCKED)""";
  }

  @Override
  public boolean fence(Connection tx, String name, String owner, long epoch) {
    try (PreparedStatement query = tx.prepareStatement(fence)) {
      query.setString(1, name);
      query.setLong(2, epoch);
      query.setString(3, owner);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    } catch (SQLException e) {
      throw DatabaseException.during("fencing with lease " + name, e);
    }
  }

  @Override
  public Map<String, Long> acquire(
      Connection tx, List<String> names, int atMost, String owner, Duration ttl)
      throws SQLException {
    Map<String, Long> epochs = new HashMap<>();
    Array wanted = tx.createArrayOf("text", names.toArray());
    try (PreparedStatement update = tx.prepareStatement(acquire)) {
      update.setString(1, owner);
      update.setLong(2, LeaseSql.micros(ttl));
      update.setArray(3, wanted);
      update.setString(4, owner);
      update.setInt(5, atMost);
      collect(update, epochs);
    }
    if (epochs.size() < Math.min(atMost, names.size())) {
      try (PreparedStatement insert = tx.prepareStatement(create)) {
        insert.setString(1, owner);
        insert.setLong(2, LeaseSql.micros(ttl));
        insert.setArray(3, wanted);
        insert.setInt(4, atMost - epochs.size());
        collect(insert, epochs);
      }
    }
    return epochs;
  }

  @Override
  public Map<String, Long> renew(
      Connection tx, Map<String, Long> leases, String owner, Duration ttl) throws SQLException {
    Map<String, Long> epochs = new HashMap<>();
    try (PreparedStatement update = tx.prepareStatement(renew)) {
      update.setLong(1, LeaseSql.micros(ttl));
      held(update, 2, tx, leases, owner);
      collect(update, epochs);
    }
    return epochs;
  }

  @Override
  public void release(Connection tx, Map<String, Long> leases, String owner) throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(release)) {
      held(update, 1, tx, leases, owner);
      update.executeUpdate();
    }
  }

  @Override
  public List<LeaseState> list(Connection tx, String prefix, int atMost) throws SQLException {
    List<LeaseState> states = new ArrayList<>();
    try (PreparedStatement query = tx.prepareStatement(list)) {
      query.setString(1, prefix);
      query.setInt(2, atMost);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          states.add(new LeaseState(
              row.getString(1),
              Optional.ofNullable(row.getString(2)),
              row.getLong(3),
              row.getBoolean(4),
              row.getObject(5, OffsetDateTime.class).toInstant(),
              row.getObject(6, OffsetDateTime.class).toInstant()));
        }
      }
    }
    return states;
  }

  @Override
  public int forget(Connection tx, String prefix, Duration idle, int atMost) throws SQLException {
    try (PreparedStatement delete = tx.prepareStatement(forget)) {
      delete.setString(1, prefix);
      delete.setLong(2, LeaseSql.micros(idle));
      delete.setInt(3, atMost);
      return delete.executeUpdate();
    }
  }

  private static void held(
      PreparedStatement update, int first, Connection tx, Map<String, Long> leases, String owner)
      throws SQLException {
    List<String> names = List.copyOf(leases.keySet());
    update.setArray(first, tx.createArrayOf("text", names.toArray()));
    update.setArray(
        first + 1, tx.createArrayOf("bigint", names.stream().map(leases::get).toArray()));
    update.setString(first + 2, owner);
  }

  private static void collect(PreparedStatement statement, Map<String, Long> epochs)
      throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        epochs.put(row.getString(1), row.getLong(2));
      }
    }
  }
}
