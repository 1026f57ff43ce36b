package dev.msk.core.jdbc;

import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.BooleanSupplier;
import org.postgresql.ds.PGSimpleDataSource;

/** Databases of the PostgreSQL that all tests share. */
public final class TestDatabase {

  private TestDatabase() {}

  /** An empty database of its own; whoever waits for a lock for five seconds waits for ever. */
  public static TrackedDataSource create(PostgresServer server) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(server.newDatabase());
    dataSource.setOptions("-c lock_timeout=5000");
    return TrackedDataSource.of(dataSource);
  }

  public static void execute(TrackedDataSource database, String sql) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  public static long count(TrackedDataSource database, String query) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }

  /** Asks until it is so, for at most ten seconds. */
  static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > 10_000_000_000L) {
        throw new AssertionError("Waited 10 s for: " + what);
      }
      Thread.onSpinWait();
    }
  }
}
