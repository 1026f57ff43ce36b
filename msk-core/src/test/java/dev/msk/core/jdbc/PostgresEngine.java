package dev.msk.core.jdbc;

import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import java.sql.Connection;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL. */
final class PostgresEngine extends Engine {

  private final PostgresServer server;

  PostgresEngine(PostgresServer server) {
    super(Dialect.POSTGRESQL);
    this.server = server;
  }

  @Override
  DataSource newDatabase() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(server.newDatabase());
    dataSource.setOptions("-c lock_timeout=5000");
    return dataSource;
  }

  @Override
  String clock() {
    return "clock_timestamp()";
  }

  @Override
  String waitBriefly() {
    return "SET lock_timeout = 100";
  }

  @Override
  void terminate(TrackedDataSource database, Connection tx) {
    long pid = ask(tx, "SELECT pg_backend_pid()");
    TestDatabase.execute(database, "SELECT pg_terminate_backend(" + pid + ", 10000)");
  }

  @Override
  String tablesLike(String pattern) {
    return "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '"
        + pattern + "'";
  }
}
