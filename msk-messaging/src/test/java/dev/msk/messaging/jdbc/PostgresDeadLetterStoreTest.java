package dev.msk.messaging.jdbc;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.testing.DeadLetterStoreContract;
import javax.sql.DataSource;

@WithServers
final class PostgresDeadLetterStoreTest extends DeadLetterStoreContract {

  private final DataSource database;

  PostgresDeadLetterStoreTest(PostgresServer server) {
    this.database = TestDatabase.create(server);
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
