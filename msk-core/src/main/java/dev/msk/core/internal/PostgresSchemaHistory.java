package dev.msk.core.internal;

import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.core.jdbc.SchemaScripts.Script;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** On PostgreSQL, a script and its line are one transaction, which holds an advisory lock. */
final class PostgresSchemaHistory extends SchemaHistory {

  /** "MSK schema" as a number: one lock for all schemas and prefixes of a database. */
  private static final long LOCK = 0x4D534B_736368656DL;

  PostgresSchemaHistory(Connection tx, String schema, String prefix) {
    super(tx, Dialect.POSTGRESQL, schema, prefix);
  }

  /** The isolation of a transaction is said before all else. */
  static void begin(Connection tx) throws SQLException {
    try (Statement isolation = tx.createStatement()) {
      isolation.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    }
  }

  @Override
  void lock() throws SQLException {
    try (PreparedStatement lock = tx.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
      lock.setLong(1, LOCK);
      lock.execute();
    }
  }

  @Override
  void create() throws SQLException {
    createMissingSchema("SELECT 1 FROM pg_namespace WHERE nspname = ?");
    execute("CREATE TABLE IF NOT EXISTS " + table + """
         (
          module varchar(50) NOT NULL,
          version integer NOT NULL,
          description varchar(200) NOT NULL,
          checksum varchar(64) NOT NULL,
          installed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
          PRIMARY KEY (module, version)
        )""");
  }

  @Override
  String select() {
    return "SELECT version, checksum, installed_at FROM " + table + " WHERE module = ?";
  }

  @Override
  Line line(ResultSet row) throws SQLException {
    OffsetDateTime installedAt = row.getObject(3, OffsetDateTime.class);
    return new Line(row.getString(2), installedAt.toInstant(), 0, false);
  }

  @Override
  void run(SchemaScripts module, Script script, @Nullable Line line) throws SQLException {
    execute(resolved(script));
    insertLine(module, script);
  }

  /** The lock ends with the transaction. */
  @Override
  public void close() {}
}
