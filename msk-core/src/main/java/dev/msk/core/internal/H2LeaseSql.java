package dev.msk.core.internal;

import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/**
 * The statements of leases on H2.
 *
 * <p>H2 has no lock that two transactions share: fenced transactions of one lease run one after the other. The clock stands still in
 * a transaction from the first statement on that reads it.
 */
final class H2LeaseSql extends RowLeaseSql {

  private static final String NOW = "CURRENT_TIMESTAMP(6)";
  private static final String DUPLICATE_KEY = "23505";

  private final String createFence;
  private final String createLease;
  private final String draw;

  H2LeaseSql(TableNames names) {
    super(
        Dialect.H2,
        names,
        new Words(
            NOW,
            "DATEADD(MICROSECOND, ?, " + NOW + ")",
            "DATEADD(MICROSECOND, -CAST(? AS BIGINT), " + NOW + ")",
            "acquired_at, expires_at",
            "CAST(name AS VARBINARY)")); // a text's own order is that of UTF-16
    createFence =
        "INSERT INTO " + names.tableIn(Dialect.H2, "lease_fence") + " (name, epoch) VALUES (?, 0)";
    createLease = "INSERT INTO " + names.tableIn(Dialect.H2, "lease")
        + " (name, epoch, acquired_at, expires_at) VALUES (?, 0, " + NOW + ", " + NOW + ")";
    draw = "SELECT NEXT VALUE FOR " + names.tableIn(Dialect.H2, "lease_epoch");
  }

  /** Nothing: H2 cannot say the isolation of one transaction, and its default is read committed. */
  @Override
  void begin(Connection tx) {}

  /** Waits for whoever creates one of them at this moment, at most for LOCK_TIMEOUT. */
  @Override
  void createLeases(Connection tx, List<String> names) throws SQLException {
    for (String name : names) {
      insert(tx, createLease, name);
    }
  }

  @Override
  void createFences(Connection tx, List<String> names) throws SQLException {
    for (String name : names) {
      insert(tx, createFence, name);
    }
  }

  /** A statement that fails leaves the others of its transaction alone. */
  private void insert(Connection tx, String sql, String name) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      set(insert, 1, name);
      insert.executeUpdate();
    } catch (SQLException e) {
      if (!DUPLICATE_KEY.equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  @Override
  long nextEpoch(Connection tx) throws SQLException {
    try (PreparedStatement query = tx.prepareStatement(draw);
        ResultSet row = query.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  String fenceLock() {
    return "FOR UPDATE";
  }

  @Override
  void set(PreparedStatement statement, int index, String text) throws SQLException {
    statement.setString(index, text);
  }

  @Override
  Optional<String> text(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }

  @Override
  Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
