package dev.msk.core.jdbc;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A database whose SQL our tables and statements are written for. An older version than the one named here is refused when a
 * connection is asked for its dialect. Immutable.
 */
public enum Dialect {
  /** PostgreSQL from 14 on. */
  POSTGRESQL("PostgreSQL", 14, 0, "postgresql", '"'),
  /** MySQL from 8.0 on, by MySQL's driver or MariaDB's. */
  MYSQL("MySQL", 8, 0, "mysql", '`'),
  /** MariaDB from 10.6 on, the first that skips locked rows; by MariaDB's driver, or by MySQL's, which calls it MySQL. */
  MARIADB("MariaDB", 10, 6, "mysql", '`'),
  /** H2 from 2.2 on, the first that skips locked rows; in its regular mode. */
  H2("H2", 2, 2, "h2", '"');

  private static final Pattern VERSION = Pattern.compile("(?:5\\.5\\.5-)?([0-9]+)\\.([0-9]+).*");

  private final String productName;
  private final int leastMajor;
  private final int leastMinor;
  private final String folder;
  private final char quote;

  Dialect(String productName, int leastMajor, int leastMinor, String folder, char quote) {
    this.productName = productName;
    this.leastMajor = leastMajor;
    this.leastMinor = leastMinor;
    this.folder = folder;
    this.quote = quote;
  }

  /**
   * The dialect of a connection.
   *
   * @param connection asked for its product's name and version, which the drivers know without a round trip
   * @return the dialect
   * @throws IllegalArgumentException if it is another database, or a version that is too old
   * @throws DatabaseException if the connection could not be asked
   */
  public static Dialect of(Connection connection) {
    try {
      DatabaseMetaData about = connection.getMetaData();
      Dialect dialect = known(about);
      if (dialect == null) {
        throw new IllegalArgumentException("database: " + about.getDatabaseProductName()
            + " (expected: one of "
            + Arrays.stream(values()).map(d -> d.productName).toList()
            + ")");
      }
      dialect.refuseOlder(about);
      return dialect;
    } catch (SQLException e) {
      throw DatabaseException.during("asking a connection for its product's name and version", e);
    }
  }

  /**
   * Whether a connection is to this database.
   *
   * @param connection asked for its product's name, which costs no round trip
   * @return false if it is to another one, known here or not
   * @throws DatabaseException if the connection could not be asked
   */
  public boolean matches(Connection connection) {
    try {
      return known(connection.getMetaData()) == this;
    } catch (SQLException e) {
      throw DatabaseException.during("asking a connection for its product's name", e);
    }
  }

  /**
   * The name of the folder with this dialect's scripts.
   *
   * @return for example {@code postgresql}; {@code mysql} for MySQL and for MariaDB, which run the same scripts
   */
  public String folder() {
    return folder;
  }

  /**
   * A name as SQL takes it, whatever the session's mode is.
   *
   * @param identifier any name
   * @return in double quotes, or in backquotes for MySQL and MariaDB
   */
  public String quote(String identifier) {
    return quote + quoted(identifier) + quote;
  }

  /**
   * The same, for a place that is in quotes already, as in the scripts.
   *
   * @param identifier any name
   * @return the name, with each quote in it doubled
   */
  public String quoted(String identifier) {
    String single = String.valueOf(quote);
    return requireNonNull(identifier, "identifier").replace(single, single + single);
  }

  /** MySQL's driver calls a MariaDB by its own name; only the version tells. */
  private static @Nullable Dialect known(DatabaseMetaData about) throws SQLException {
    String product = about.getDatabaseProductName();
    for (Dialect dialect : values()) {
      if (dialect.productName.equals(product)) {
        return dialect == MYSQL && version(about).contains("mariadb") ? MARIADB : dialect;
      }
    }
    return null;
  }

  private static String version(DatabaseMetaData about) throws SQLException {
    return String.valueOf(about.getDatabaseProductVersion()).toLowerCase(Locale.ROOT);
  }

  private void refuseOlder(DatabaseMetaData about) throws SQLException {
    int major = about.getDatabaseMajorVersion();
    int minor = about.getDatabaseMinorVersion();
    if (this == MYSQL || this == MARIADB) {
      // Old MariaDBs put 5.5.5- before their version, which drivers take for it.
      Matcher version = VERSION.matcher(version(about));
      if (version.matches()) {
        major = Integer.parseInt(version.group(1));
        minor = Integer.parseInt(version.group(2));
      }
    }
    if (major < leastMajor || (major == leastMajor && minor < leastMinor)) {
      throw new IllegalArgumentException("database: " + productName + " " + major + "." + minor
          + " (expected: from " + leastMajor + "." + leastMinor + " on)");
    }
  }
}
