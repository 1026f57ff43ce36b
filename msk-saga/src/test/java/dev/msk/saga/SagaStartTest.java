package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jdbc.Leases;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import dev.msk.saga.jdbc.PostgresSagaStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A saga is worked on where it is started, if there is room, and is not lost if that fails. */
@WithServers
final class SagaStartTest {

  private static final String LEASED =
      "SELECT count(*) FROM msk_lease WHERE owner IS NOT NULL AND expires_at > clock_timestamp()";
  private static final String OWNER =
      "SELECT owner FROM msk_saga WHERE id = ? AND owner IS NOT NULL";

  private final SagaFixture fixture;
  private final CountDownLatch held = new CountDownLatch(1);

  SagaStartTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    held.countDown();
    fixture.close();
  }

  @Test
  void whereThereIsRoom_itIsOwnedFromTheStart() throws Exception {
    SagaDefinition<Order> order = order();
    SagaCoordinator sagas = fixture.start(fixture.coordinator(order).concurrency(1));
    held.countDown();

    AtomicInteger begun = new AtomicInteger();
    eventually("one of two is owned from the start", () -> {
      int round = begun.incrementAndGet();
      Owned first = new Owned(sagas, order, "a-" + round);
      Owned second = new Owned(sagas, order, "b-" + round);
      fixture.transactor.run(tx -> {
        first.begin(tx);
        second.begin(tx);
      });
      fixture.await(sagas, first.id, SagaStatus.COMPLETED);
      fixture.await(sagas, second.id, SagaStatus.COMPLETED);
      assertThat(first.fromTheStart && second.fromTheStart)
          .as("there is room for one")
          .isFalse();
      return first.fromTheStart;
    });
  }

  @Test
  void aRollback_keepsTheRoomForAWhileOnly() throws Exception {
    SagaDefinition<Order> order = order();
    SagaCoordinator sagas = fixture.start(
        fixture.coordinator(fixture.tracked, Duration.ofSeconds(2), order).concurrency(1));
    awaitLease();
    held.countDown();

    fixture.transactor.run(tx -> {
      new Owned(sagas, order, "o-0").begin(tx);
      tx.rollback();
    });

    AtomicInteger begun = new AtomicInteger();
    eventually("owned from the start again", () -> {
      Owned next = new Owned(sagas, order, "o-" + begun.incrementAndGet());
      fixture.transactor.run(next::begin);
      fixture.await(sagas, next.id, SagaStatus.COMPLETED);
      return next.fromTheStart;
    });
  }

  @Test
  void aConnectionWithoutAHook_leavesItToWhoeverClaims() throws Exception {
    SagaDefinition<Order> order = order();
    SagaCoordinator sagas = fixture.start(order);
    awaitLease();
    held.countDown();
    UUID id;
    try (Connection tx = fixture.database.getConnection()) {
      tx.setAutoCommit(false);
      id = sagas.start(tx, order, "o-1", new Order("o-1", 1, List.of())).id();
      tx.commit();
    }

    fixture.await(sagas, id, SagaStatus.COMPLETED);
  }

  @Test
  void anExecutorThatTakesNoMore_handsItBack() throws Exception {
    SagaDefinition<Order> order = order();
    AtomicBoolean full = new AtomicBoolean();
    SagaCoordinator sagas = fixture.start(SagaCoordinator.builder(
            fixture.transactor,
            PostgresSagaStore.of(),
            Leases.builder(fixture.tracked, "full").build(),
            task -> {
              if (full.get()) {
                throw new RejectedExecutionException("full");
              }
              fixture.executor.execute(task);
            })
        .register(order));
    awaitLease();
    full.set(true);

    UUID id = fixture.begin(sagas, order, "o-1");
    held.countDown();
    full.set(false);

    fixture.await(sagas, id, SagaStatus.COMPLETED);
  }

  /** One saga, and whether the transaction that began it saw an owner already. */
  private static final class Owned {

    private final SagaCoordinator sagas;
    private final SagaDefinition<Order> definition;
    private final String key;
    private UUID id;
    private boolean fromTheStart;

    Owned(SagaCoordinator sagas, SagaDefinition<Order> definition, String key) {
      this.sagas = sagas;
      this.definition = definition;
      this.key = key;
    }

    void begin(Connection tx) throws SQLException {
      id = sagas.start(tx, definition, key, new Order(key, 1, List.of())).id();
      try (PreparedStatement select = tx.prepareStatement(OWNER)) {
        select.setObject(1, id);
        try (ResultSet row = select.executeQuery()) {
          fromTheStart = row.next();
        }
      }
    }
  }

  private void awaitLease() throws Exception {
    eventually("the node has its lease", () -> fixture.query(LEASED).contains("1"));
  }

  private SagaDefinition<Order> order() {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("work")
        .remoteRun((call, s) -> held.await())
        .withoutCompensation()
        .build();
  }
}
