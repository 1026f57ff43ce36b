package dev.msk.core.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * The statements of leases on MySQL and MariaDB.
 *
 * <p>Read committed, whatever the pool's default is: under repeatable read InnoDB locks the gaps between rows as well, and MariaDB
 * from 11.6.2 on refuses to lock a row that has changed since the transaction began to read. A fence is in the caller's
 * transaction and takes it as it is.
 *
 * <p>Names are bytes of UTF-8: the collations that MySQL and MariaDB both have take a name with a space at its end for the one
 * without. Times are DATETIME in UTC, written by UTC_TIMESTAMP and read as a number, so that no session's time zone matters.
 */
final class MySqlLeaseSql extends RowLeaseSql {

  private static final String NOW = "UTC_TIMESTAMP(6)";

  private final String createFences;
  private final String createLeases;
  private final String draw;
  private final String discard;

  MySqlLeaseSql(Dialect dialect, TableNames names) {
    super(
        dialect,
        names,
        new Words(
            NOW,
            NOW + " + INTERVAL ? MICROSECOND",
            NOW + " - INTERVAL ? MICROSECOND",
            "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', acquired_at),"
                + " TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at)",
            "name")); // bytes of UTF-8
    createFences = "INSERT IGNORE INTO " + names.tableIn(dialect, "lease_fence")
        + " (name, epoch) VALUES (?, 0)";
    // Locks what is there exclusively: one after the other. IGNORE would share it, and two that
    // share
    // a row which was deleted just now both wait to write it.
    createLeases = "INSERT INTO " + names.tableIn(dialect, "lease")
        + " (name, epoch, acquired_at, expires_at) VALUES (?, 0, " + NOW + ", " + NOW
        + ") ON DUPLICATE KEY UPDATE epoch = epoch";
    String epoch = names.tableIn(dialect, "lease_epoch");
    draw = "INSERT INTO " + epoch + " () VALUES ()";
    discard = "DELETE FROM " + epoch + " WHERE epoch = ?";
  }

  @Override
  void begin(Connection tx) throws SQLException {
    try (Statement isolation = tx.createStatement()) {
      isolation.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    }
  }

  /** Waits for whoever creates one of them at this moment, at most for innodb_lock_wait_timeout. */
  @Override
  void createLeases(Connection tx, List<String> names) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(createLeases)) {
      insert(insert, names);
    }
  }

  /** Whoever is here has locked the leases. IGNORE never waits for a fence. */
  @Override
  void createFences(Connection tx, List<String> names) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(createFences)) {
      insert(insert, names);
    }
  }

  private void insert(PreparedStatement insert, List<String> names) throws SQLException {
    for (String name : names) {
      set(insert, 1, name);
      insert.addBatch();
    }
    insert.executeBatch();
  }

  /** InnoDB's counter waits for nobody, goes on after a rollback, and is as durable as what is committed with it. */
  @Override
  long nextEpoch(Connection tx) throws SQLException {
    long epoch;
    try (PreparedStatement insert = tx.prepareStatement(draw, Statement.RETURN_GENERATED_KEYS)) {
      insert.executeUpdate();
      try (ResultSet key = insert.getGeneratedKeys()) {
        key.next();
        epoch = key.getLong(1);
      }
    }
    try (PreparedStatement delete = tx.prepareStatement(discard)) {
      delete.setLong(1, epoch);
      delete.executeUpdate();
    }
    return epoch;
  }

  @Override
  String fenceLock() {
    return "LOCK IN SHARE MODE";
  }

  @Override
  void set(PreparedStatement statement, int index, String text) throws SQLException {
    statement.setBytes(index, text.getBytes(UTF_8));
  }

  @Override
  Optional<String> text(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getBytes(column)).map(bytes -> new String(bytes, UTF_8));
  }

  @Override
  Instant instant(ResultSet row, int column) throws SQLException {
    return Instant.EPOCH.plus(row.getLong(column), ChronoUnit.MICROS);
  }
}
