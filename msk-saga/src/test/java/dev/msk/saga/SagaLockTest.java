package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Semantic locks: one saga at a time works on a target. */
@WithServers
final class SagaLockTest {

  private final SagaFixture fixture;
  private final CountDownLatch held = new CountDownLatch(1);

  SagaLockTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    held.countDown();
    fixture.close();
  }

  @Test
  void wait_letsOneAtATimeWork_inTheOrderOfTheirStarts() throws Exception {
    SagaDefinition<Order> order = order(OnBusy.WAIT);
    SagaCoordinator sagas = fixture.start(order);
    UUID first = fixture.begin(sagas, order, "o-1");
    UUID second = fixture.begin(sagas, order, "o-2");
    UUID third = fixture.begin(sagas, order, "o-3");
    eventually("o-1 at work", () -> fixture.log.contains("o-1"));

    assertThat(sagas.find(second).orElseThrow().waitsFor()).contains("customer:7");
    assertThat(sagas.find(first).orElseThrow().waitsFor()).isEmpty();
    held.countDown();

    fixture.await(sagas, third, SagaStatus.COMPLETED);
    assertThat(fixture.log).containsExactly("o-1", "o-2", "o-3");
    assertThat(fixture.query("SELECT count(*) FROM msk_saga_target")).containsExactly("0");
  }

  @Test
  void wait_underLoadOfManyNodes_excludesAndStrandsNobody() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    held.countDown();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .lock(s -> "customer:7", OnBusy.WAIT)
        .step("enter")
        .remoteRun((call, s) -> most.accumulateAndGet(inside.incrementAndGet(), Math::max))
        .withoutCompensation()
        .step("leave")
        .remoteRun((call, s) -> inside.decrementAndGet())
        .withoutCompensation()
        .build();
    List<SagaCoordinator> nodes =
        List.of(fixture.start(order), fixture.start(order), fixture.start(order));
    List<UUID> ids = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      ids.add(fixture.begin(nodes.get(i % 3), order, "o-" + i));
    }

    for (UUID id : ids) {
      fixture.await(nodes.get(0), id, SagaStatus.COMPLETED);
    }

    assertThat(most.get()).isEqualTo(1);
  }

  @Test
  void refuse_startsNothing_andTellsWhoHasIt() throws Exception {
    SagaDefinition<Order> order = order(OnBusy.REFUSE);
    SagaCoordinator sagas = fixture.start(order);
    UUID first = fixture.begin(sagas, order, "o-1");

    assertThatThrownBy(() -> fixture.begin(sagas, order, "o-2"))
        .isInstanceOfSatisfying(
            SagaBusyException.class, e -> assertThat(e.holder()).isEqualTo(first))
        .hasMessage(
            "target: customer:7: saga " + first + " has it (expected: free, for saga order v1)");
    assertThat(fixture.begin(sagas, order, "o-1")).isEqualTo(first);
    assertThat(sagas.find("order", "o-2")).isEmpty();

    held.countDown();
    fixture.await(sagas, first, SagaStatus.COMPLETED);
    fixture.await(sagas, fixture.begin(sagas, order, "o-2"), SagaStatus.COMPLETED);
  }

  @Test
  void deadlineAndCancel_endTheWait_withoutAnEffect() throws Exception {
    SagaDefinition<Order> order = order(OnBusy.WAIT);
    SagaDefinition<Order> hasty = SagaDefinition.builder("hasty", 1, Order.class)
        .lock(s -> "customer:7", OnBusy.WAIT)
        .deadline(Duration.ofMillis(20))
        .step("work")
        .localRun((tx, s) -> fixture.log.add("hasty"))
        .compensate((tx, s) -> fixture.log.add("undone"))
        .build();
    SagaCoordinator sagas = fixture.start(order, hasty);
    UUID first = fixture.begin(sagas, order, "o-1");
    UUID expired = fixture.begin(sagas, hasty, "h-1");
    UUID cancelled = fixture.begin(sagas, order, "o-2");
    UUID last = fixture.begin(sagas, order, "o-3");

    fixture.await(sagas, expired, SagaStatus.COMPENSATED);
    assertThat(sagas.cancel(cancelled, "no more")).isEqualTo(CancelResult.REQUESTED);
    fixture.await(sagas, cancelled, SagaStatus.COMPENSATED);
    assertThat(sagas.find(first).orElseThrow().status()).isEqualTo(SagaStatus.RUNNING);
    held.countDown();

    fixture.await(sagas, last, SagaStatus.COMPLETED);
    assertThat(fixture.log).containsExactly("o-1", "o-3");
  }

  @Test
  void aStuckSaga_hasItsTarget_untilAnOperatorEndsIt() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .lock(s -> "customer:7", OnBusy.WAIT)
        .pivot("work")
        .remoteRun((call, s) -> {
          if (s.id().equals("o-1")) {
            throw new IllegalStateException("down");
          }
        })
        .retry(Retry.none())
        .build();
    SagaCoordinator sagas = fixture.start(order);
    UUID first = fixture.begin(sagas, order, "o-1");
    fixture.await(sagas, first, SagaStatus.STUCK_FORWARD);
    UUID second = fixture.begin(sagas, order, "o-2");
    assertThat(sagas.find(second).orElseThrow().waitsFor()).contains("customer:7");

    sagas.admin().abandon(first, "ann", "gave up");

    fixture.await(sagas, second, SagaStatus.COMPLETED);
  }

  @Test
  void aStartThatIsNotCommittedYet_holdsTheEndUp_andIsNotForgotten() throws Exception {
    SagaDefinition<Order> order = order(OnBusy.WAIT);
    SagaCoordinator sagas = fixture.start(order);
    UUID first = fixture.begin(sagas, order, "o-1");
    eventually("o-1 at work", () -> fixture.log.contains("o-1"));
    UUID second;
    try (Connection tx = fixture.database.getConnection()) {
      tx.setAutoCommit(false);
      second = sagas.start(tx, order, "o-2", new Order("o-2", 7, List.of())).id();
      held.countDown();
      eventually(
          "the end waits",
          () -> fixture
              .query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                  + " AND wait_event_type = 'Lock'")
              .contains("1"));
      assertThat(sagas.find(first).orElseThrow().status()).isEqualTo(SagaStatus.RUNNING);
      tx.commit();
    }

    fixture.await(sagas, second, SagaStatus.COMPLETED);
  }

  @Test
  void aTargetOutOfBounds_isRefused() {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .lock(s -> "", OnBusy.WAIT)
        .step("work")
        .localRun((tx, s) -> {})
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.coordinator(order).build();

    assertThatThrownBy(() -> fixture.begin(sagas, order, "o-1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target: 0 characters (expected: 1 to 300, no U+0000)");
  }

  private SagaDefinition<Order> order(OnBusy onBusy) {
    return SagaDefinition.builder("order", 1, Order.class)
        .lock(s -> "customer:7", onBusy)
        .step("work")
        .remoteRun((call, s) -> {
          fixture.log.add(s.id());
          held.await();
        })
        .withoutCompensation()
        .build();
  }
}
