package dev.msk.core.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.internal.SchemaHistory;
import dev.msk.core.jdbc.SchemaScripts.Script;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings our tables into a database, for those who want no migration tool.
 *
 * <p>Keeps a history table of its own, {@code <prefix>schema_history}, so that it never meets that of Flyway or Liquibase.
 * Idempotent: call it at each start. It refuses a database that is newer than the code, and one where an installed script had
 * another text. Processes that start together wait for one another, for each script: on PostgreSQL at an advisory lock of the
 * transaction, on MySQL and MariaDB at {@code GET_LOCK} of the session, on H2 at a row, for which it takes a second connection
 * from the data source. Each of these ends with the process that holds it.
 *
 * <p><b>Crashes.</b> On PostgreSQL a script and its line in the history are one transaction: a crash leaves whole scripts only, and
 * the next call goes on from there. MySQL, MariaDB and H2 commit at each statement that defines something. There the line is
 * written first, and counts the statements that have ended; a crash leaves a script that is done in part, and the next call goes on
 * with the statement that was not counted. If that one had begun, it is run again, and an answer that what it defines is there
 * already counts as done. A script that fails leaves what its statements before did, and its line, without a time of
 * installation; the next call tries the same statement again.
 *
 * <p>Immutable, thread-safe.
 */
public final class SchemaInstaller {

  /**
   * A script that was run.
   *
   * @param module whose script
   * @param version its number
   * @param description the words of its file name
   */
  public record Installed(String module, int version, String description) {}

  private static final Logger log = LoggerFactory.getLogger(SchemaInstaller.class);

  private final DataSource dataSource;
  private final TableNames names;
  private final boolean tolerateNewer;

  private SchemaInstaller(DataSource dataSource, TableNames names, boolean tolerateNewer) {
    this.dataSource = dataSource;
    this.names = names;
    this.tolerateNewer = tolerateNewer;
  }

  /**
   * An installer with {@link TableNames#defaults()} that refuses a database newer than the code.
   *
   * @param dataSource of a user that may create tables
   * @return an installer
   */
  public static SchemaInstaller of(DataSource dataSource) {
    return new SchemaInstaller(
        requireNonNull(dataSource, "dataSource"), TableNames.defaults(), false);
  }

  /**
   * The same installer with other names.
   *
   * @param names where the tables go; a schema that does not exist is created
   * @return another installer
   */
  public SchemaInstaller names(TableNames names) {
    return new SchemaInstaller(dataSource, requireNonNull(names, "names"), tolerateNewer);
  }

  /**
   * The same installer, which leaves a database that is newer than the code as it is, instead of refusing it. For services that
   * are rolled back: scripts only add, so code that knows less still works.
   *
   * @return another installer
   */
  public SchemaInstaller tolerateNewer() {
    return new SchemaInstaller(dataSource, names, true);
  }

  /**
   * Runs the scripts that the database has not seen.
   *
   * @param modules whose scripts, in this order
   * @return what was run now, empty if everything was there
   * @throws SchemaException if the database is newer than the code, or an installed script had another text
   * @throws DatabaseException if a script failed; the scripts before it stay
   * @throws IllegalArgumentException if the database is none of {@link Dialect}, or too old
   * @throws IllegalStateException if a module has no scripts for the database
   */
  public List<Installed> install(SchemaScripts... modules) {
    Transactor transactor = Transactor.of(dataSource);
    List<Installed> installed = new ArrayList<>();
    for (SchemaScripts module : modules) {
      Function<Connection, Optional<Installed>> step = tx -> {
        List<Script> scripts = module.read(Dialect.of(tx));
        try (SchemaHistory history = SchemaHistory.open(tx, dataSource, names)) {
          return history.installNext(module, scripts, tolerateNewer);
        }
      };
      Optional<Installed> next = transactor.call(step::apply);
      while (next.isPresent()) {
        installed.add(next.get());
        log.info(
            "Installed script {} ({}) of {}",
            next.get().version(),
            next.get().description(),
            module.module());
        next = transactor.call(step::apply);
      }
    }
    return List.copyOf(installed);
  }
}
