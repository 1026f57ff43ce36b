package dev.msk.benchmarks.messaging;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.benchmarks.Bench;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.messaging.MessagingSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A new database with the tables of the kit, behind a pool. */
final class Database implements AutoCloseable {

  private final String url;
  private final HikariDataSource pool;

  private Database(String url, HikariDataSource pool) {
    this.url = url;
    this.pool = pool;
  }

  static Database create(Bench bench) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(bench.postgres().newDatabase());
    config.setMaximumPoolSize(16);
    HikariDataSource pool = new HikariDataSource(config);
    SchemaInstaller.of(pool).install(CoreSchema.scripts(), MessagingSchema.scripts());
    return new Database(config.getJdbcUrl(), pool);
  }

  String url() {
    return url;
  }

  DataSource pool() {
    return pool;
  }

  /** A connection in a transaction. */
  Connection transaction() throws SQLException {
    Connection connection = pool.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  void execute(String... statements) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  long number(String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
