package dev.msk.core.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Dialect;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * On H2, installers of one schema and prefix wait at a row, for ten minutes at most. Every CREATE would commit the transaction that has
 * it locked, so that is a second connection's.
 */
final class H2SchemaHistory extends SteppedSchemaHistory {

  /** Table, index, column, sequence, constraint, schema: each is there already. */
  private static final Set<Integer> THERE_ALREADY =
      Set.of(42101, 42111, 42121, 90035, 90045, 90078);

  private static final int DUPLICATE_KEY = 23505;

  private final DataSource dataSource;
  private @Nullable Connection locking;

  H2SchemaHistory(Connection tx, DataSource dataSource, String schema, String prefix) {
    super(tx, Dialect.H2, schema, prefix, THERE_ALREADY);
    this.dataSource = dataSource;
  }

  @Override
  void lock() throws SQLException {
    String row = qualified("schema_lock");
    ifMissing("CREATE SCHEMA IF NOT EXISTS " + Dialect.H2.quote(schema));
    ifMissing("CREATE TABLE IF NOT EXISTS " + row + " (id integer PRIMARY KEY)");
    ifMissing("INSERT INTO " + row + " SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM " + row + ")");
    tx.commit();
    Connection second = dataSource.getConnection();
    locking = second;
    second.setAutoCommit(false);
    try (Statement query = second.createStatement()) {
      query.execute("SELECT id FROM " + row + " FOR UPDATE WAIT 600");
    }
  }

  /** H2 looks whether it is there, and then another may be quicker. */
  private void ifMissing(String sql) throws SQLException {
    try {
      execute(sql);
    } catch (SQLException e) {
      if (!isThereAlready(e) && e.getErrorCode() != DUPLICATE_KEY) {
        throw e;
      }
    }
  }

  @Override
  void create() throws SQLException {
    execute("CREATE TABLE IF NOT EXISTS " + table + """
         (
          module varchar(50) NOT NULL,
          version integer NOT NULL,
          description varchar(200) NOT NULL,
          checksum varchar(64) NOT NULL,
          installed_at timestamp(6) with time zone,
          done integer DEFAULT 0 NOT NULL,
          trying boolean DEFAULT FALSE NOT NULL,
          PRIMARY KEY (module, version)
        )""");
  }

  @Override
  String now() {
    return "CURRENT_TIMESTAMP(6)";
  }

  @Override
  String select() {
    return "SELECT version, checksum, installed_at, done, trying FROM " + table
        + " WHERE module = ?";
  }

  @Override
  Line line(ResultSet row) throws SQLException {
    OffsetDateTime installedAt = row.getObject(3, OffsetDateTime.class);
    return new Line(
        row.getString(2),
        installedAt == null ? null : installedAt.toInstant(),
        row.getInt(4),
        row.getBoolean(5));
  }

  @Override
  public void close() {
    if (locking != null) {
      try (Connection second = locking) {
        second.rollback();
        second.setAutoCommit(true);
      } catch (SQLException e) {
        throw DatabaseException.during("giving back the lock of installers", e);
      }
    }
  }
}
