package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.Codec;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.saga.SagaFixture.Order;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A command step over outbox, Kafka and inbox, with a participant that answers. */
@WithServers
final class SagaOverKafkaTest {

  private record Payment(String order, int amount) {}

  private final Codec json = JacksonCodec.of();
  private final Events events = Events.of("/payments", json);
  private final String topic = "saga-" + UUID.randomUUID();
  private final SagaFixture fixture;
  private final EventTransport transport;
  private final Outbox outbox;
  private final OutboxRelay relay;
  private final EventConsumer payments;

  SagaOverKafkaTest(PostgresServer postgres, KafkaServer kafka) {
    this.fixture = new SagaFixture(postgres);
    kafka.createTopic(topic, 1);
    this.transport = KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    this.outbox =
        Outbox.builder(PostgresOutboxStore.of(fixture.database), event -> topic).build();
    this.relay = OutboxRelay.builder(
            outbox, transport, Leases.builder(fixture.database, "relay").build())
        .build();
    this.payments = consumer("payments")
        .handle("payment.capture", this::capture)
        .handle("payment.refund", this::refund)
        .build();
  }

  @BeforeEach
  void start() {
    relay.start();
    payments.start();
  }

  @AfterEach
  void close() throws InterruptedException {
    payments.close();
    relay.close();
    fixture.close();
  }

  @Test
  void captured_completes_declined_compensates_laterFailure_refunds() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("reserve")
        .localRun((tx, s) -> fixture.log.add("reserve " + s.id()))
        .compensate((tx, s) -> fixture.log.add("release " + s.id()))
        .step("pay")
        .command(
            s -> Command.of("payment.capture", s.id(), new Payment(s.id(), s.total())),
            Payment.class)
        .apply((s, payment) -> s.with("paid " + payment.amount()))
        .rejectOn("payment.declined")
        .compensate(s -> Command.of("payment.refund", s.id(), new Payment(s.id(), s.total())))
        .step("ship")
        .remoteOutcome((call, s) ->
            s.id().startsWith("unshippable") ? Outcome.<String>rejected("no") : Outcome.done("ok"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(
        fixture.coordinator(order).commands(outbox, "/orders").telemetry(Telemetry.noop()));
    try (EventConsumer orders = consumer("orders")
        .handle("payment.captured", sagas.replies())
        .handle("payment.declined", sagas.replies())
        .handle("payment.refunded", sagas.replies())
        .build()
        .start()) {
      UUID good = fixture.begin(sagas, order, "good");
      UUID poor = fixture.begin(sagas, order, "poor");
      UUID unshippable = fixture.begin(sagas, order, "unshippable");

      SagaSnapshot completed = fixture.await(sagas, good, SagaStatus.COMPLETED);
      fixture.await(sagas, poor, SagaStatus.COMPENSATED);
      fixture.await(sagas, unshippable, SagaStatus.COMPENSATED);

      assertThat(fixture.state(completed).path()).containsExactly("paid 12");
    }
    assertThat(fixture.log)
        .containsExactlyInAnyOrder(
            "reserve good",
            "capture good",
            "reserve poor",
            "release poor",
            "reserve unshippable",
            "capture unshippable",
            "refund unshippable",
            "release unshippable");
    assertThat(fixture.query("SELECT id FROM msk_dead_letter")).isEmpty();
  }

  @Test
  void replyToAnUnknownSaga_isParked() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("run")
        .localRun((tx, s) -> {})
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(order);
    try (EventConsumer orders = consumer("orders")
        .handle("payment.captured", sagas.replies())
        .maxAttempts(1)
        .build()
        .start()) {
      EventEnvelope command = EventEnvelope.builder(
              UUID.randomUUID() + "/pay", "/orders", "payment.capture")
          .build();
      Transactor.of(fixture.database)
          .run(tx -> outbox.publish(
              tx, events.caused(command, "payment.captured", "k", new Payment("k", 1))));

      eventually(
          "parked", () -> !fixture.query("SELECT id FROM msk_dead_letter").isEmpty());
    }
    assertThat(fixture.query("SELECT error FROM msk_dead_letter").get(0))
        .contains("expected: a saga that exists");
  }

  private void capture(Connection tx, EventEnvelope command) {
    Payment payment = command.data(json, Payment.class);
    boolean declined = payment.order().equals("poor");
    if (!declined) {
      fixture.log.add("capture " + payment.order());
    }
    answer(tx, command, declined ? "payment.declined" : "payment.captured", payment);
  }

  private void refund(Connection tx, EventEnvelope command) {
    Payment payment = command.data(json, Payment.class);
    fixture.log.add("refund " + payment.order());
    answer(tx, command, "payment.refunded", payment);
  }

  private void answer(Connection tx, EventEnvelope command, String type, Payment payment) {
    outbox.publish(tx, events.caused(command, type, payment.order(), payment));
  }

  private EventConsumer.Builder consumer(String group) {
    return EventConsumer.builder(
        transport,
        List.of(topic),
        Transactor.of(fixture.database),
        Inbox.of(PostgresInboxStore.of(fixture.database), group));
  }
}
