package dev.msk.saga.testing;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.spi.SagaStore;

final class InMemorySagaRelationsTest extends SagaRelationsContract {

  private final InMemoryDatabase database = InMemoryDatabase.create();

  @Override
  protected Transactor newTransactor() {
    return Transactor.of(database);
  }

  @Override
  protected SagaStore emptyStore() {
    return InMemorySagaStore.of(database, new Ticking());
  }
}
