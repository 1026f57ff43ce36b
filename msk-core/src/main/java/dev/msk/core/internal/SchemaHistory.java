package dev.msk.core.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.SchemaException;
import dev.msk.core.jdbc.SchemaInstaller.Installed;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.core.jdbc.SchemaScripts.Script;
import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The history table within one transaction that holds the advisory lock of all installers of this database. */
public final class SchemaHistory {

  /** "MSK schema" as a number: one lock for all schemas and prefixes of a database. */
  private static final long LOCK = 0x4D534B_736368656DL;

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

  private final Connection tx;
  private final Dialect dialect;
  private final TableNames names;
  private final String table;

  private record Line(String checksum, Instant installedAt) {}

  private SchemaHistory(Connection tx, Dialect dialect, TableNames names) {
    this.tx = tx;
    this.dialect = dialect;
    this.names = names;
    this.table = names.table("schema_history");
  }

  /**
   * Waits for the lock, and creates the schema and the history table where they are missing.
   *
   * @param tx a transaction
   * @param names where the tables are
   * @return the history
   */
  public static SchemaHistory open(Connection tx, TableNames names) {
    Dialect dialect = Dialect.of(tx);
    try {
      lock(tx);
      TableNames resolved = names.schema().isPresent() ? names : names.schema(currentSchema(tx));
      SchemaHistory history = new SchemaHistory(tx, dialect, resolved);
      history.create();
      return history;
    } catch (SQLException e) {
      throw DatabaseException.during("opening the schema history", e);
    }
  }

  /**
   * Runs the first script that the history lacks, and writes its line.
   *
   * @param module whose scripts
   * @param tolerateNewer whether versions that the code does not know are left alone
   * @return what was run, empty if there was nothing to do
   */
  public Optional<Installed> installNext(SchemaScripts module, boolean tolerateNewer) {
    List<Script> scripts = module.read(dialect);
    NavigableMap<Integer, Line> lines;
    try {
      lines = lines(module.module());
    } catch (SQLException e) {
      throw DatabaseException.during("reading the schema history " + table, e);
    }
    if (!tolerateNewer) {
      refuseNewer(module, lines);
    }
    for (Script script : scripts) {
      Line line = lines.get(script.version());
      if (line == null) {
        run(module, script);
        return Optional.of(new Installed(module.module(), script.version(), script.description()));
      }
      refuseChanged(module, script, line);
    }
    return Optional.empty();
  }

  /** Read committed: what others wrote while we waited for the lock must be seen, whatever the pool's default is. */
  private static void lock(Connection tx) throws SQLException {
    try (Statement isolation = tx.createStatement()) {
      isolation.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    }
    try (PreparedStatement lock = tx.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
      lock.setLong(1, LOCK);
      lock.execute();
    }
  }

  private static String currentSchema(Connection tx) throws SQLException {
    String schema = tx.getSchema();
    if (schema == null) {
      throw new IllegalStateException(
          "search_path: no schema that exists (expected: one, or TableNames.schema)");
    }
    return schema;
  }

  private void create() throws SQLException {
    String schema = names.schema().orElseThrow();
    try (Statement ddl = tx.createStatement()) {
      if (!schemaExists(schema)) {
        ddl.execute("CREATE SCHEMA \"" + schema + '"');
      }
      ddl.execute("CREATE TABLE IF NOT EXISTS " + table + """
           (
            module varchar(50) NOT NULL,
            version integer NOT NULL,
            description varchar(200) NOT NULL,
            checksum varchar(64) NOT NULL,
            installed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (module, version)
          )""");
    }
  }

  private boolean schemaExists(String schema) throws SQLException {
    try (PreparedStatement query =
        tx.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
      query.setString(1, schema);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  private NavigableMap<Integer, Line> lines(String module) throws SQLException {
    NavigableMap<Integer, Line> lines = new TreeMap<>();
    String sql = "SELECT version, checksum, installed_at FROM " + table + " WHERE module = ?";
    try (PreparedStatement query = tx.prepareStatement(sql)) {
      query.setString(1, module);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          Instant installedAt = row.getObject(3, OffsetDateTime.class).toInstant();
          lines.put(row.getInt(1), new Line(row.getString(2), installedAt));
        }
      }
    }
    return lines;
  }

  private void refuseNewer(SchemaScripts module, NavigableMap<Integer, Line> lines) {
    Map.Entry<Integer, Line> newest = lines.lastEntry();
    if (newest != null && newest.getKey() > module.version()) {
      String message =
          "Schema of module " + module.module() + " in " + table + ": version " + newest.getKey()
              + ", installed " + newest.getValue().installedAt() + " (expected: at most "
              + module.version()
              + ", the newest that this code knows; deploy the newer code, or say tolerateNewer())";
      throw new SchemaException(
          SchemaException.Reason.NEWER_THAN_CODE,
          message,
          module.module(),
          newest.getKey(),
          module.version());
    }
  }

  private void refuseChanged(SchemaScripts module, Script script, Line line) {
    if (!line.checksum().equals(script.checksum())) {
      String message = "Script " + script.version() + " (" + script.description() + ") of module "
          + module.module() + " in " + table + ": checksum " + line.checksum() + ", installed "
          + line.installedAt() + " (expected: " + script.checksum()
          + ", that of this code's script)";
      throw new SchemaException(
          SchemaException.Reason.CHANGED_SCRIPT,
          message,
          module.module(),
          script.version(),
          module.version());
    }
  }

  private void run(SchemaScripts module, Script script) {
    String doing = "running script " + script.version() + " (" + script.description() + ") of "
        + module.module();
    try (Statement statement = tx.createStatement()) {
      statement.execute(resolved(script));
    } catch (SQLException e) {
      throw DatabaseException.during(doing, e);
    }
    String sql =
        "INSERT INTO " + table + " (module, version, description, checksum) VALUES (?, ?, ?, ?)";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, module.module());
      insert.setInt(2, script.version());
      insert.setString(3, script.description());
      insert.setString(4, script.checksum());
      insert.executeUpdate();
    } catch (SQLException e) {
      throw DatabaseException.during(doing, e);
    }
  }

  private String resolved(Script script) {
    Map<String, String> values =
        Map.of("schema", names.schema().orElseThrow(), "prefix", names.prefix());
    Matcher placeholder = PLACEHOLDER.matcher(script.sql());
    return placeholder.replaceAll(found -> {
      String value = values.get(found.group(1));
      if (value == null) {
        throw new IllegalArgumentException("placeholder: " + found.group() + " in script "
            + script.version() + " (expected: ${schema} or ${prefix})");
      }
      return Matcher.quoteReplacement(value);
    });
  }
}
