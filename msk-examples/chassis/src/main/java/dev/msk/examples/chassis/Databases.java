package dev.msk.examples.chassis;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Connects a service to its PostgreSQL database. */
public final class Databases {

  /** No statement of a service takes as long. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** No transaction of a service waits as long for its own process. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private Databases() {}

  /**
   * Which database.
   *
   * <pre>
   * DB_URL       jdbc:postgresql://localhost:5432/SERVICE
   * DB_USER      empty: as the URL says
   * DB_PASSWORD  empty
   * </pre>
   *
   * @param url of pgjdbc
   * @param user may be empty
   * @param password may be empty
   */
  public record Settings(String url, String user, String password) {

    /**
     * Reads the environment.
     *
     * @param environment remembers what is wrong
     * @param service names the default database
     * @return the settings
     */
    public static Settings of(Environment environment, String service) {
      String url = environment.text("DB_URL", "jdbc:postgresql://localhost:5432/" + service);
      if (!url.startsWith("jdbc:postgresql:")) {
        environment.wrong("DB_URL", url, "jdbc:postgresql://host:port/database");
      }
      return new Settings(
          url, environment.text("DB_USER", ""), environment.text("DB_PASSWORD", ""));
    }

    /** Without the password. */
    @Override
    public String toString() {
      return url + " as " + user;
    }
  }

  /**
   * Opens a pool and sees that the database answers. A connection on which nothing comes for 30 s while
   * an answer is due is broken: a database that vanishes without a word holds no thread for ever. The
   * URL may say otherwise, by {@code ?socketTimeout=60}. And the database ends a transaction in which
   * nothing was asked for 5 s: a process that is paused in the middle of one, or a machine that is cut
   * off, keeps no row locked.
   *
   * @param settings which database
   * @param service names the pool
   * @param connections the most that are open at once
   * @return a pool, to be closed
   * @throws IllegalStateException when the database is not there
   */
  public static HikariDataSource connect(Settings settings, String service, int connections) {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName(service);
    pool.setJdbcUrl(settings.url());
    if (!settings.user().isEmpty()) {
      pool.setUsername(settings.user());
    }
    if (!settings.password().isEmpty()) {
      pool.setPassword(settings.password());
    }
    pool.addDataSourceProperty("socketTimeout", String.valueOf(SILENCE.toSeconds()));
    pool.addDataSourceProperty("tcpKeepAlive", "true");
    pool.setConnectionInitSql("SET idle_in_transaction_session_timeout = " + PAUSE.toMillis());
    pool.setMaximumPoolSize(connections);
    pool.setConnectionTimeout(5_000);
    pool.setInitializationFailTimeout(-1);
    HikariDataSource database = new HikariDataSource(pool);
    try (Connection connection = database.getConnection()) {
      return database;
    } catch (SQLException e) {
      database.close();
      String reason = (e.getCause() == null ? e : e.getCause()).getMessage();
      throw new IllegalStateException(
          "DB_URL: " + settings.url() + " (expected: a database that answers): " + reason, e);
    }
  }
}
