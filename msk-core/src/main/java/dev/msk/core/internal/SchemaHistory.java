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
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The history table, while it is locked against all other installers. */
public abstract class SchemaHistory implements AutoCloseable {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

  final Connection tx;
  final String schema;
  final String table;
  private final Dialect dialect;
  private final String prefix;

  /**
   * What the history says of a script.
   *
   * @param checksum of its text
   * @param installedAt null where it has begun and not ended
   * @param done how many of its statements have ended
   * @param trying whether the next one has begun
   */
  record Line(String checksum, @Nullable Instant installedAt, int done, boolean trying) {

    String when() {
      return installedAt == null ? "begun, not ended" : "installed " + installedAt;
    }
  }

  SchemaHistory(Connection tx, Dialect dialect, String schema, String prefix) {
    this.tx = tx;
    this.dialect = dialect;
    this.schema = schema;
    this.prefix = prefix;
    this.table = qualified("schema_history");
  }

  /**
   * Waits for the lock, and creates the schema and the history table where they are missing.
   *
   * @param tx a transaction
   * @param dataSource gives a second connection, where a lock needs one
   * @param names where the tables are
   * @return the history, whose lock lasts until it is closed, or until the transaction or the connection ends
   */
  public static SchemaHistory open(Connection tx, DataSource dataSource, TableNames names) {
    Dialect dialect = Dialect.of(tx);
    try {
      if (dialect == Dialect.POSTGRESQL) {
        PostgresSchemaHistory.begin(tx);
      }
      String schema =
          names.schema().isPresent() ? names.schema().get() : currentSchema(tx, dialect);
      SchemaHistory history = switch (dialect) {
        case POSTGRESQL -> new PostgresSchemaHistory(tx, schema, names.prefix());
        case MYSQL, MARIADB -> new MySqlSchemaHistory(tx, dialect, schema, names.prefix());
        case H2 -> new H2SchemaHistory(tx, dataSource, schema, names.prefix());
      };
      history.lockAndCreate();
      return history;
    } catch (SQLException e) {
      throw DatabaseException.during("opening the schema history", e);
    }
  }

  private void lockAndCreate() throws SQLException {
    try {
      lock();
      create();
    } catch (SQLException | RuntimeException e) {
      try {
        close();
      } catch (RuntimeException unclosed) {
        e.addSuppressed(unclosed);
      }
      throw e;
    }
  }

  /** Waits for other installers; what they wrote must be seen afterwards, whatever the pool's isolation is. */
  abstract void lock() throws SQLException;

  /** Creates the schema and the table where they are missing. */
  abstract void create() throws SQLException;

  /** All lines of a module. */
  abstract String select();

  abstract Line line(ResultSet row) throws SQLException;

  /** Runs a script, or what is missing of it, and says in the end that it is installed. */
  abstract void run(SchemaScripts module, Script script, @Nullable Line line) throws SQLException;

  /** Gives the lock back. */
  @Override
  public abstract void close();

  /**
   * Runs the first script that the history lacks, and writes its line.
   *
   * @param module whose scripts
   * @param scripts those of this database
   * @param tolerateNewer whether versions that the code does not know are left alone
   * @return what was run, empty if there was nothing to do
   */
  public final Optional<Installed> installNext(
      SchemaScripts module, List<Script> scripts, boolean tolerateNewer) {
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
      if (line != null) {
        refuseChanged(module, script, line);
      }
      if (line == null || line.installedAt() == null) {
        try {
          run(module, script, line);
        } catch (SQLException e) {
          throw DatabaseException.during(
              "running script " + script.version() + " (" + script.description() + ") of "
                  + module.module(),
              e);
        }
        return Optional.of(new Installed(module.module(), script.version(), script.description()));
      }
    }
    return Optional.empty();
  }

  private static String currentSchema(Connection tx, Dialect dialect) throws SQLException {
    boolean database = dialect == Dialect.MYSQL || dialect == Dialect.MARIADB;
    // JDBC's catalog, unless the driver was told to call it a schema.
    String catalog = database ? tx.getCatalog() : null;
    String schema = catalog == null ? tx.getSchema() : catalog;
    if (schema == null || schema.isEmpty()) {
      throw new IllegalStateException(
          database
              ? "database: none in the URL (expected: one, or TableNames.schema)"
              : "search_path: no schema that exists (expected: one, or TableNames.schema)");
    }
    return schema;
  }

  final String qualified(String name) {
    return dialect.quote(schema) + '.' + dialect.quote(prefix + name);
  }

  final void createMissingSchema(String query) throws SQLException {
    boolean missing;
    try (PreparedStatement look = tx.prepareStatement(query)) {
      look.setString(1, schema);
      try (ResultSet row = look.executeQuery()) {
        missing = !row.next();
      }
    }
    if (missing) {
      execute("CREATE SCHEMA " + dialect.quote(schema));
    }
  }

  final void execute(String sql) throws SQLException {
    try (Statement statement = tx.createStatement()) {
      statement.execute(sql);
    }
  }

  private NavigableMap<Integer, Line> lines(String module) throws SQLException {
    NavigableMap<Integer, Line> lines = new TreeMap<>();
    try (PreparedStatement query = tx.prepareStatement(select())) {
      query.setString(1, module);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          lines.put(row.getInt(1), line(row));
        }
      }
    }
    return lines;
  }

  private void refuseNewer(SchemaScripts module, NavigableMap<Integer, Line> lines) {
    Map.Entry<Integer, Line> newest = lines.lastEntry();
    if (newest != null && newest.getKey() > module.version()) {
      String message = "Schema of module " + module.module() + " in " + table + ": version "
          + newest.getKey() + ", " + newest.getValue().when() + " (expected: at most "
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
          + module.module() + " in " + table + ": checksum " + line.checksum() + ", "
          + line.when() + " (expected: " + script.checksum() + ", that of this code's script)";
      throw new SchemaException(
          SchemaException.Reason.CHANGED_SCRIPT,
          message,
          module.module(),
          script.version(),
          module.version());
    }
  }

  final void insertLine(SchemaScripts module, Script script) throws SQLException {
    String sql =
        "INSERT INTO " + table + " (module, version, description, checksum) VALUES (?, ?, ?, ?)";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, module.module());
      insert.setInt(2, script.version());
      insert.setString(3, script.description());
      insert.setString(4, script.checksum());
      insert.executeUpdate();
    }
  }

  final String resolved(Script script) {
    Map<String, String> values =
        Map.of("schema", dialect.quoted(schema), "prefix", dialect.quoted(prefix));
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
