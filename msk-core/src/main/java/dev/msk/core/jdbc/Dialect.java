package dev.msk.core.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;

/** A database whose SQL our tables and statements are written for. */
public enum Dialect {
  /** PostgreSQL from 14 on. */
  POSTGRESQL("PostgreSQL");

  private final String productName;

  Dialect(String productName) {
    this.productName = productName;
  }

  /**
   * The dialect of a connection.
   *
   * @param connection asked for its product name, which costs no round trip
   * @return the dialect
   * @throws IllegalArgumentException if it is another database
   * @throws DatabaseException if the connection could not be asked
   */
  public static Dialect of(Connection connection) {
    String product = productName(connection);
    for (Dialect dialect : values()) {
      if (dialect.productName.equals(product)) {
        return dialect;
      }
    }
    throw new IllegalArgumentException("database: " + product + " (expected: one of "
        + Arrays.stream(values()).map(dialect -> dialect.productName).toList() + ")");
  }

  /**
   * Whether a connection is to this database.
   *
   * @param connection asked for its product name, which costs no round trip
   * @return false if it is to another one, known here or not
   * @throws DatabaseException if the connection could not be asked
   */
  public boolean matches(Connection connection) {
    return productName.equals(productName(connection));
  }

  /**
   * The name of the folder with this dialect's scripts.
   *
   * @return for example {@code postgresql}
   */
  public String folder() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static String productName(Connection connection) {
    try {
      return connection.getMetaData().getDatabaseProductName();
    } catch (SQLException e) {
      throw DatabaseException.during("asking a connection for its product name", e);
    }
  }
}
