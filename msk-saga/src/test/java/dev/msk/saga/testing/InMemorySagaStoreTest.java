package dev.msk.saga.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaStore;
import org.junit.jupiter.api.Test;

final class InMemorySagaStoreTest extends SagaStoreContract {

  private final InMemoryDatabase database = InMemoryDatabase.create();

  @Override
  protected Transactor newTransactor() {
    return Transactor.of(database);
  }

  @Override
  protected SagaStore emptyStore() {
    return InMemorySagaStore.of(database, new Ticking());
  }

  @Test
  void connection_ofAnotherDatabase_isRefused() {
    SagaStore store = emptyStore();
    Transactor stranger = Transactor.of(InMemoryDatabase.create());

    assertThatThrownBy(() -> stranger.<String, RuntimeException>call(
            tx -> store.register(tx, new DefinitionId("order", 1), "a")))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("expected: one of this database");
  }
}
