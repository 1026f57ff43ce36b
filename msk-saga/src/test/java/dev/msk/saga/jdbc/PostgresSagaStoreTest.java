package dev.msk.saga.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.TestDatabase;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaInsertion;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.testing.SagaStoreContract;
import java.sql.Savepoint;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

@WithServers
final class PostgresSagaStoreTest extends SagaStoreContract {

  @AutoClose
  private final HikariDataSource database;

  PostgresSagaStoreTest(PostgresServer server) {
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

  @Test
  void whatIsInsertedBehindASavepoint_isRevocable_andNothingElse() {
    SagaStore store = emptyStore();
    newTransactor().run(tx -> {
      assertThat(store.insert(tx, saga("before")).revocable()).isFalse();
      Savepoint savepoint = tx.setSavepoint();
      assertThat(store.insert(tx, saga("behind")).revocable()).isTrue();
      assertThat(store.insertAll(tx, List.of(saga("behind too"), saga("and this"))))
          .allMatch(SagaInsertion::revocable);
      tx.rollback(savepoint);
      assertThat(store.insert(tx, saga("behind it again")).revocable()).isTrue();
      tx.releaseSavepoint(savepoint);
      assertThat(store.insert(tx, saga("after")).revocable()).isFalse();
      assertThat(store.insertAll(tx, List.of(saga("after too"), saga("and that"))))
          .noneMatch(SagaInsertion::revocable);
    });
  }

  private static NewSaga saga(String key) {
    return new NewSaga(
        UUID.randomUUID(),
        new DefinitionId("order", 1),
        key,
        "first",
        new byte[0],
        null,
        new SagaOrigin(null, null, null),
        null,
        null,
        null);
  }
}
