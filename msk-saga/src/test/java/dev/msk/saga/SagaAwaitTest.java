package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventHandler;
import dev.msk.saga.SagaFixture.Order;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What steps wait for: an event, a signal, a time. */
@WithServers
final class SagaAwaitTest {

  private static final Duration LONG = Duration.ofHours(1);

  private final SagaFixture fixture;

  SagaAwaitTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  record Verdict(boolean good) {}

  @Test
  void signal_wakesTheSagaThatWaits_andTheFirstOneCounts() throws Exception {
    SagaDefinition<Order> order = checked(LONG);
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("waits", () -> fixture.transitions(sagas, id).contains(SagaTransition.AWAIT));

    assertThat(signal(sagas, new Verdict(true))).isEqualTo(SignalResult.TAKEN);
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPLETED);

    assertThat(fixture.state(ended).path()).containsExactly("held", "Verdict[good=true]", "end");
    assertThat(signal(sagas, new Verdict(true))).isEqualTo(SignalResult.DUPLICATE);
  }

  @Test
  void signal_toASagaThatHasEnded_isRefused() throws Exception {
    SagaDefinition<Order> order = checked(Duration.ofMillis(20));
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);

    assertThatThrownBy(() -> signal(sagas, new Verdict(true)))
        .isInstanceOf(SagaEndedException.class)
        .hasMessageContaining("saga: order o-1: COMPENSATED (expected: one that has not ended)");
  }

  @Test
  void signal_beforeItsStep_isKept_andASecondOneChangesNothing() throws Exception {
    SagaDefinition<Order> order = checked(LONG);
    SagaCoordinator starter = fixture.coordinator(order).build();
    UUID id = fixture.begin(starter, order, "o-1");

    assertThat(signal(starter, new Verdict(true))).isEqualTo(SignalResult.EARLY);
    assertThat(signal(starter, new Verdict(false))).isEqualTo(SignalResult.DUPLICATE);
    SagaCoordinator sagas = fixture.start(order);

    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPLETED);
    assertThat(fixture.state(ended).path()).contains("Verdict[good=true]");
  }

  @Test
  void signal_thatIsRefused_turnsTheSagaBack() throws Exception {
    SagaDefinition<Order> order = checked(LONG);
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");

    var unused = signal(sagas, new Verdict(false));

    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    assertThat(fixture.log).containsExactly("released");
  }

  @Test
  void nothingInTime_compensates() throws Exception {
    SagaDefinition<Order> order = checked(Duration.ofMillis(20));
    SagaCoordinator sagas = fixture.start(order);

    UUID id = fixture.begin(sagas, order, "o-1");

    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    assertThat(fixture.log).containsExactly("released");
  }

  @Test
  void event_findsItsSagaByTheBusinessKey() throws Exception {
    SagaDefinition<Order> order = checked(LONG);
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    EventHandler handler =
        sagas.signals("order", "check", event -> event.subject().orElseThrow());

    fixture.transactor.<Exception>run(tx -> handler.handle(tx, verdict("o-1", "1")));

    fixture.await(sagas, id, SagaStatus.COMPLETED);
    assertThatThrownBy(
            () -> fixture.transactor.<Exception>run(tx -> handler.handle(tx, verdict("o-2", "2"))))
        .isInstanceOf(UnknownSagaException.class)
        .hasMessageContaining("saga: order o-2 (expected: one that exists)");
  }

  @Test
  void signal_toAStepThatDoesNotWait_orOfAnotherForm_isRefusedAtOnce() {
    SagaDefinition<Order> order = checked(LONG);
    SagaCoordinator sagas = fixture.coordinator(order).build();
    var unused = fixture.begin(sagas, order, "o-1");

    assertThatThrownBy(() -> fixture.transactor.run(
            tx -> sagas.signal(tx, "order", "o-1", "hold", new Verdict(true))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("step: hold (expected: one of saga order v1 that waits");
    assertThatThrownBy(() ->
            fixture.transactor.run(tx -> sagas.signal(tx, "order", "o-1", "check", "no verdict")))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void timers_waitInTheDatabase_forAWhileAndUntilATime() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("a-while")
        .timer(Duration.ofMillis(300))
        .step("a-time")
        .timerUntil(s -> Instant.EPOCH)
        .step("end")
        .localRun((tx, s) -> fixture.log.add("end"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(order);

    UUID id = fixture.begin(sagas, order, "o-1");
    fixture.await(sagas, id, SagaStatus.COMPLETED);

    assertThat(fixture.query("SELECT max(at) - min(at) >= interval '300 ms' FROM msk_saga_step"))
        .containsExactly("t");
    assertThat(fixture.log).containsExactly("end");
  }

  @Test
  void cancel_endsAWait() throws Exception {
    SagaDefinition<Order> order = checked(LONG);
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually("waits", () -> fixture.transitions(sagas, id).contains(SagaTransition.AWAIT));

    assertThat(sagas.cancel(id, "changed my mind")).isEqualTo(CancelResult.REQUESTED);

    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    assertThat(fixture.log).containsExactly("released");
  }

  private SagaDefinition<Order> checked(Duration timeout) {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("hold")
        .local((tx, s) -> "held")
        .apply(Order::with)
        .compensate((tx, s) -> fixture.log.add("released"))
        .step("check")
        .await(Verdict.class, timeout)
        .apply(Order::with)
        .rejectOn(verdict -> !verdict.good())
        .step("end")
        .local((tx, s) -> "end")
        .apply(Order::with)
        .withoutCompensation()
        .build();
  }

  private SignalResult signal(SagaCoordinator sagas, Verdict verdict) {
    return fixture.transactor.call(tx -> sagas.signal(tx, "order", "o-1", "check", verdict));
  }

  private static EventEnvelope verdict(String order, String id) {
    return EventEnvelope.builder(id, "/fraud", "fraud.checked")
        .subject(order)
        .data("application/json", JacksonCodec.of().encode(new Verdict(true)))
        .build();
  }
}
