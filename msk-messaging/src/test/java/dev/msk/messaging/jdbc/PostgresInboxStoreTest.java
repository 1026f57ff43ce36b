package dev.msk.messaging.jdbc;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.spi.InboxStore;
import dev.msk.messaging.testing.InboxStoreContract;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

  @Override
  protected int parked(Connection tx) throws SQLException {
    try (Statement statement = tx.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM msk_dead_letter")) {
      count.next();
      return count.getInt(1);
    }
  }
}
