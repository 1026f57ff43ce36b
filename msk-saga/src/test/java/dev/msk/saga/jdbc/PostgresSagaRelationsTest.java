package dev.msk.saga.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.TestDatabase;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.testing.SagaRelationsContract;
import org.junit.jupiter.api.AutoClose;

@WithServers
final class PostgresSagaRelationsTest extends SagaRelationsContract {

  @AutoClose
  private final HikariDataSource database;

  PostgresSagaRelationsTest(PostgresServer server) {
    this.database = TestDatabase.pool(TestDatabase.create(server));
  }

  @Override
  protected Transactor newTransactor() {
    return Transactor.of(database);
  }

  @Override
  protected SagaStore emptyStore() {
    return PostgresSagaStore.of();
  }
}
