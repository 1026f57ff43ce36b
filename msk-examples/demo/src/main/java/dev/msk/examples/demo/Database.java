package dev.msk.examples.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A service's database, to be asked. */
public final class Database {

  private final String url;
  private final DataSource source;

  Database(String url) {
    this.url = url;
    PGSimpleDataSource postgres = new PGSimpleDataSource();
    postgres.setUrl(url);
    this.source = postgres;
  }

  /**
   * Its address.
   *
   * @return for pgjdbc
   */
  public String url() {
    return url;
  }

  /**
   * Asks for a number.
   *
   * @param sql a query of one number
   * @return the number
   */
  public long number(String sql) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Asks for texts.
   *
   * @param sql a query of one column
   * @return its rows
   * @throws SQLException when the database cannot be asked
   */
  public List<String> texts(String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  DataSource source() {
    return source;
  }
}
