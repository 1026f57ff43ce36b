package dev.msk.core.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * On MySQL and MariaDB, installers of one schema wait at a lock of the session, GET_LOCK, which commits do not end: it ends when it
 * is given back, and when the connection does.
 */
final class MySqlSchemaHistory extends SteppedSchemaHistory {

  /** Database, table, column, key, routine, trigger, check, foreign key: each is there already. */
  private static final Set<Integer> THERE_ALREADY =
      Set.of(1007, 1050, 1060, 1061, 1304, 1359, 1826, 3822);

  /** Negative is for ever on one of the two, and an error on the other. */
  private static final int YEAR_IN_SECONDS = 31_536_000;

  private final String lock;
  private boolean locked;

  MySqlSchemaHistory(Connection tx, Dialect dialect, String schema, String prefix) {
    super(tx, dialect, schema, prefix, THERE_ALREADY);
    // Locks are the server's, and their names have 64 characters, as many as a schema's.
    this.lock = "msk_schema_" + Integer.toHexString(schema.hashCode());
  }

  @Override
  void lock() throws SQLException {
    String sql = "SELECT GET_LOCK(?, " + YEAR_IN_SECONDS + ")";
    try (PreparedStatement query = tx.prepareStatement(sql)) {
      query.setString(1, lock);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        locked = row.getInt(1) == 1;
      }
    }
    if (!locked) {
      throw new SQLException("GET_LOCK('" + lock + "') was not granted");
    }
    tx.commit();
  }

  @Override
  void create() throws SQLException {
    createMissingSchema("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?");
    execute("CREATE TABLE IF NOT EXISTS " + table + """
         (
          module varchar(50) NOT NULL,
          version int NOT NULL,
          description varchar(200) NOT NULL,
          checksum varchar(64) NOT NULL,
          installed_at datetime(6),
          done int NOT NULL DEFAULT 0,
          trying boolean NOT NULL DEFAULT FALSE,
          PRIMARY KEY (module, version)
        ) ENGINE = InnoDB""");
  }

  @Override
  String now() {
    return "UTC_TIMESTAMP(6)";
  }

  @Override
  String select() {
    return "SELECT version, checksum, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', installed_at), done, trying FROM "
        + table + " WHERE module = ?";
  }

  @Override
  Line line(ResultSet row) throws SQLException {
    long micros = row.getLong(3);
    Instant installedAt = row.wasNull() ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    return new Line(row.getString(2), installedAt, row.getInt(4), row.getBoolean(5));
  }

  /** A connection that went back to its pool with the lock would keep all others out. */
  @Override
  public void close() {
    if (locked) {
      try (PreparedStatement query = tx.prepareStatement("SELECT RELEASE_LOCK(?)")) {
        query.setString(1, lock);
        query.execute();
      } catch (SQLException e) {
        throw DatabaseException.during("giving back the lock " + lock + " of installers", e);
      }
    }
  }
}
