package dev.msk.core.jdbc;

import dev.msk.core.testing.TrackedDataSource;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/** H2 in this process, in memory, in its regular mode. */
final class H2Engine extends Engine {

  private static final AtomicInteger DATABASES = new AtomicInteger();

  H2Engine() {
    super(Dialect.H2);
  }

  @Override
  DataSource newDatabase() {
    JdbcDataSource dataSource = new JdbcDataSource();
    dataSource.setURL(
        "jdbc:h2:mem:msk" + DATABASES.incrementAndGet() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=5000");
    return dataSource;
  }

  @Override
  String clock() {
    return "CURRENT_TIMESTAMP(6)";
  }

  @Override
  String waitBriefly() {
    return "SET LOCK_TIMEOUT 100";
  }

  @Override
  void terminate(TrackedDataSource database, Connection tx) {
    TestDatabase.execute(database, "CALL ABORT_SESSION(" + ask(tx, "CALL SESSION_ID()") + ")");
  }

  @Override
  String tablesLike(String pattern) {
    return "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'PUBLIC' AND table_name LIKE '"
        + pattern + "'";
  }
}
