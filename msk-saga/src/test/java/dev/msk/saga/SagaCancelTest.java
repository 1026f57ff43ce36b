package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.sql.Connection;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a saga that somebody wants cancelled: between attempts, never during one, never behind the pivot. */
@WithServers
final class SagaCancelTest {

  private final SagaFixture fixture;

  SagaCancelTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void waitingSaga_turnsBackAtOnce_andUndoesWhatMayHaveHappened() throws Exception {
    SagaDefinition<Order> order = pay();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));

    CancelResult result =
        fixture.transactor.call(tx -> sagas.cancel(tx, "order", "o-1", "changed my mind"));
    eventually("undone", () -> fixture.commandSent(id + "/pay/undo"));
    assertThat(sagas.cancel(id, "again")).isEqualTo(CancelResult.TURNED_BACK);
    fixture.reply(sagas, id + "/pay/undo", "refunded", "1");
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPENSATED);

    assertThat(result).isEqualTo(CancelResult.REQUESTED);
    assertThat(ended.cancelReason()).contains("changed my mind");
    assertThat(ended.error()).contains("cancelled: changed my mind");
    assertThat(fixture.transitions(sagas, id)).contains(SagaTransition.CANCEL);
    assertThat(sagas.cancel(id, "again")).isEqualTo(CancelResult.ENDED);
  }

  @Test
  void attemptUnderWay_isFinished_andThenUndone() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("charge")
        .remoteRun((call, s) -> {
          called.countDown();
          answer.await();
          fixture.log.add("charge");
        })
        .timeout(Duration.ofMinutes(1))
        .compensate((call, s) -> fixture.log.add("refund"))
        .step("ship")
        .localRun((tx, s) -> fixture.log.add("ship"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    called.await();

    CancelResult result = sagas.cancel(id, "changed my mind");
    answer.countDown();
    fixture.await(sagas, id, SagaStatus.COMPENSATED);

    assertThat(result).isEqualTo(CancelResult.REQUESTED);
    assertThat(fixture.log).containsExactly("charge", "refund");
    assertThat(fixture.transitions(sagas, id))
        .containsExactly(
            SagaTransition.START,
            SagaTransition.ADVANCE,
            SagaTransition.CANCEL,
            SagaTransition.FINISH_BACK);
  }

  @Test
  void cancelThatRollsBack_wasNeverAskedFor() throws Exception {
    SagaDefinition<Order> order = pay();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));

    fixture.rolledBack(tx -> sagas.cancel(tx, id, "changed my mind"));
    fixture.reply(sagas, id + "/pay", "paid", "1");

    assertThat(fixture.await(sagas, id, SagaStatus.COMPLETED).cancelReason()).isEmpty();
  }

  @Test
  void pivot_thatHasTakenPlaceOrMayHave_isNotTurnedBack_andTheWishIsVisible() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .pivot("confirm")
        .command(s -> Command.of("confirm", s.id(), s), String.class)
        .step("ship")
        .command(s -> Command.of("ship", s.id(), s), String.class)
        .build();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/confirm"));

    assertThat(sagas.cancel(id, "first")).isEqualTo(CancelResult.PIVOT_UNKNOWN);
    fixture.reply(sagas, id + "/confirm", "confirmed", "1");
    eventually("sent", () -> fixture.commandSent(id + "/ship"));
    assertThat(sagas.cancel(id, "second")).isEqualTo(CancelResult.PAST_PIVOT);
    fixture.reply(sagas, id + "/ship", "shipped", "2");

    assertThat(fixture.await(sagas, id, SagaStatus.COMPLETED).cancelReason()).contains("first");
  }

  @Test
  void strangers_areRefused() throws Exception {
    SagaCoordinator sagas = fixture.coordinator(pay()).build();
    UUID stranger = UUID.randomUUID();

    assertThatThrownBy(() -> sagas.cancel(stranger, "why"))
        .isInstanceOf(UnknownSagaException.class)
        .hasMessage("saga: " + stranger + " (expected: one that exists)");
    assertThatThrownBy(() -> fixture.transactor.run(tx -> sagas.cancel(tx, "order", "o-9", "why")))
        .hasMessage("saga: order o-9 (expected: one that exists)");
    assertThatThrownBy(() -> sagas.cancel(stranger, " "))
        .hasMessageContaining("reason: ' ' (expected: not blank");
    try (Connection connection = fixture.database.getConnection()) {
      assertThatThrownBy(() -> sagas.cancel(connection, stranger, "why"))
          .isInstanceOf(NoTransactionException.class);
    }
  }

  private static SagaDefinition<Order> pay() {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .compensate(s -> Command.of("refund", s.id(), s))
        .build();
  }
}
