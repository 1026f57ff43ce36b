package dev.msk.messaging.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.testing.DeadLetterStoreContract;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;

@WithServers
final class PostgresDeadLetterStoreTest extends DeadLetterStoreContract {

  @AutoClose
  private final HikariDataSource database;

  PostgresDeadLetterStoreTest(PostgresServer server) {
    this.database = TestDatabase.pooled(server);
  }

  @Override
  protected DataSource database() {
    return database;
  }

  @Override
  protected DeadLetterStore emptyStore(DataSource database) {
    return PostgresInboxStore.of(database).deadLetters();
  }
}
