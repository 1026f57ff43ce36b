package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands and replies without a broker: what becomes of replies that are late, double, missing, or wrong. */
@WithServers
final class SagaCommandTest {

  private final SagaFixture fixture;

  SagaCommandTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void reply_isAppliedOnce() throws Exception {
    SagaDefinition<Order> order = pay(Duration.ofMinutes(5));
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));

    fixture.reply(sagas, id + "/pay", "paid", "1");
    fixture.reply(sagas, id + "/pay", "paid", "2");
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPLETED);
    fixture.reply(sagas, id + "/pay", "paid", "3");

    assertThat(fixture.state(ended).path()).containsExactly("reply-1");
    assertThat(sagas.find(id).orElseThrow().status()).isEqualTo(SagaStatus.COMPLETED);
    assertThat(fixture.query("SELECT message_id FROM msk_saga_reply")).containsExactly("1");
  }

  @Test
  void command_carriesItsFlow_andTheSagaWaitsWithoutANode() throws Exception {
    SagaDefinition<Order> order = pay(Duration.ofMinutes(5));
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));

    assertThat(fixture.query("SELECT source || ' ' || type || ' ' || subject || ' ' ||"
            + " (extensions->>'correlationid') FROM msk_outbox"))
        .containsExactly("/orders pay o-1 " + id);
    SagaSnapshot waiting = sagas.find(id).orElseThrow();
    assertThat(waiting.step()).contains("pay");
    assertThat(waiting.wakeAt()).isPresent();
    assertThat(fixture.query("SELECT 1 FROM msk_saga WHERE epoch IS NOT NULL")).isEmpty();
  }

  @Test
  void withoutReply_theCommandIsSentAgainUnderItsId_andThenUndone() throws Exception {
    SagaDefinition<Order> order = pay(Duration.ofMillis(30));
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");

    eventually("undone", () -> fixture.commandSent(id + "/pay/undo"));
    fixture.reply(sagas, id + "/pay", "paid", "late");
    fixture.reply(sagas, id + "/pay/undo", "refunded", "2");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);

    assertThat(fixture.query("SELECT 1 FROM msk_outbox WHERE id = '" + id + "/pay'"))
        .hasSize(3);
    assertThat(fixture.query(
            "SELECT extensions->>'causationid' FROM msk_outbox WHERE type = 'refund'"))
        .contains(id + "/pay");
  }

  @Test
  void rejectingReply_turnsBack_withoutUndoingTheCommand() throws Exception {
    SagaDefinition<Order> order = pay(Duration.ofMinutes(5));
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));

    fixture.reply(sagas, id + "/pay", "declined", "1");
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPENSATED);

    assertThat(ended.error()).contains("declined \"reply-1\"");
    assertThat(fixture.commandSent(id + "/pay/undo")).isFalse();
  }

  @Test
  void replyThatCannotBeRead_isAMaybe() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), Order.class)
        .compensate(s -> Command.of("refund", s.id(), s))
        .build();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));

    fixture.reply(sagas, id + "/pay", "paid", "1");
    eventually("undone", () -> fixture.commandSent(id + "/pay/undo"));

    assertThat(sagas.find(id).orElseThrow().error())
        .hasValueSatisfying(
            why -> assertThat(why).contains("reply paid /payments#1 cannot be read"));
  }

  @Test
  void replyToNothing_isRefused() {
    SagaCoordinator sagas = fixture.coordinator(pay(Duration.ofMinutes(5))).build();
    String stranger = UUID.randomUUID() + "/pay";

    assertThatThrownBy(() -> fixture.reply(sagas, stranger, "paid", "1"))
        .isInstanceOf(UnknownSagaException.class)
        .hasMessageContaining("causationid: " + stranger + " (expected: a saga that exists)");
    assertThatThrownBy(() -> fixture.reply(sagas, "whatever", "paid", "1"))
        .hasMessageContaining("causationid: whatever (expected: <saga id>/<step>)");
  }

  private static SagaDefinition<Order> pay(Duration timeout) {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .apply(Order::with)
        .timeout(timeout)
        .retry(SagaFixture.SHORT)
        .rejectOn("declined")
        .compensate(s -> Command.of("refund", s.id(), s))
        .build();
  }
}
