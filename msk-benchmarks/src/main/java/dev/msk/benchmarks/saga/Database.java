package dev.msk.benchmarks.saga;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.benchmarks.Bench;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.saga.SagaSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * A new database behind a pool: the tables of the kit, tables of the same shape for the floor, and in both the same old sagas, so
 * that plans are made for tables as they are in use.
 */
final class Database implements AutoCloseable {

  /** As many as everybody gets. */
  static final int CONNECTIONS = 16;

  private final HikariDataSource pool;

  private Database(HikariDataSource pool) {
    this.pool = pool;
  }

  static Database create(Bench bench) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(bench.postgres().newDatabase());
    config.setMaximumPoolSize(CONNECTIONS);
    Database database = new Database(new HikariDataSource(config));
    SchemaInstaller.of(database.pool).install(CoreSchema.scripts(), SagaSchema.scripts());
    database.execute(
        "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, saga text NOT NULL, amount int NOT NULL)",
        "INSERT INTO msk_saga (id, name, version, business_key, status, position, rev, state)"
            + " SELECT uuidv7(interval '-1 day'), 'old', 1, 'old-' || n, 'COMPLETED', 3, 3, '{}' FROM generate_series(1, "
            + bench.choose(100_000, 10_000) + ") AS n",
        "INSERT INTO msk_saga_step (saga_id, rev, transition, attempt, at)"
            + " SELECT id, n, 'ADVANCE', 1, updated_at FROM msk_saga, generate_series(0, 3) AS n",
        "CREATE TABLE floor_saga (LIKE msk_saga INCLUDING ALL) WITH (fillfactor = 70)",
        "CREATE TABLE floor_saga_step (LIKE msk_saga_step INCLUDING ALL)",
        "INSERT INTO floor_saga SELECT * FROM msk_saga",
        "INSERT INTO floor_saga_step SELECT * FROM msk_saga_step");
    database.settle();
    return database;
  }

  DataSource pool() {
    return pool;
  }

  /** Leaves nothing to do behind the back of whoever comes next. */
  void settle() throws SQLException {
    execute("VACUUM ANALYZE", "CHECKPOINT");
  }

  /** Transactions so far that wrote, of the whole server. */
  long commits() throws SQLException {
    return number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
  }

  /** What the tables hold. */
  record Held(long completed, long others, long moves, long entries) {

    /** Throws unless exactly these came to their end since then, by their start and three steps each. */
    void requireEnded(Held before, int sagas, int entriesEach) {
      Held expected = new Held(
          before.completed + sagas,
          0,
          before.moves + (Order.STEPS + 1L) * sagas,
          before.entries + (long) entriesEach * sagas);
      if (!equals(expected)) {
        throw new IllegalStateException("tables: " + this + " (expected: " + expected + ")");
      }
    }
  }

  /** Of the tables {@code msk} or {@code floor}. */
  Held held(String prefix) throws SQLException {
    return new Held(
        number("SELECT count(*) FROM " + prefix + "_saga WHERE status = 'COMPLETED'"),
        number("SELECT count(*) FROM " + prefix + "_saga WHERE status <> 'COMPLETED'"),
        number("SELECT count(*) FROM " + prefix + "_saga_step"),
        number("SELECT count(*) FROM entry"));
  }

  void execute(String... statements) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private long number(String sql) throws SQLException {
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
