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
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
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

    fixture.rolledBack(new Owned(sagas, order, "o-0")::begin);

    AtomicInteger begun = new AtomicInteger();
    eventually("owned from the start again", () -> {
      Owned next = new Owned(sagas, order, "o-" + begun.incrementAndGet());
      fixture.transactor.run(next::begin);
      fixture.await(sagas, next.id, SagaStatus.COMPLETED);
      return next.fromTheStart;
    });
  }

  @Test
  void whatIsRolledBackToASavepoint_isNeverCalled() throws Exception {
    List<String> called = new CopyOnWriteArrayList<>();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("work")
        .remoteRun((call, s) -> called.add(s.id()))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(order);
    List<String> committed = new ArrayList<>();

    eventually("one that is rolled back was owned", () -> {
      int round = committed.size();
      Owned gone = new Owned(sagas, order, "gone-" + round);
      Owned stays = new Owned(sagas, order, "stays-" + round);
      fixture.transactor.run(tx -> {
        Savepoint before = tx.setSavepoint();
        gone.begin(tx);
        tx.rollback(before);
        stays.begin(tx);
      });
      committed.add("stays-" + round);
      fixture.await(sagas, stays.id, SagaStatus.COMPLETED);
      assertThat(sagas.find(gone.id)).isEmpty();
      return gone.fromTheStart;
    });

    fixture.closeCoordinators();
    assertThat(called).containsExactlyElementsOf(committed);
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

    void begin(Connection tx) {
      id = sagas.start(tx, definition, key, new Order(key, 1, List.of())).id();
      try (PreparedStatement select = tx.prepareStatement(OWNER)) {
        select.setObject(1, id);
        try (ResultSet row = select.executeQuery()) {
          fromTheStart = row.next();
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
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
