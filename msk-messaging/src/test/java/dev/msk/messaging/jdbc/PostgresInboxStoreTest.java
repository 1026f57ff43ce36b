package dev.msk.messaging.jdbc;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.spi.InboxStore;
import dev.msk.messaging.testing.InboxStoreContract;
import javax.sql.DataSource;

@WithServers
final class PostgresInboxStoreTest extends InboxStoreContract {

  private final DataSource database;

  PostgresInboxStoreTest(PostgresServer server) {
    this.database = TestDatabase.create(server);
  }

  @Override
  protected DataSource database() {
    return database;
  }

  @Override
  protected InboxStore emptyStore(DataSource database) {
    return PostgresInboxStore.of(database);
  }
}
