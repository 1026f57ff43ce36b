package dev.msk.saga.choreography;

import static dev.msk.saga.choreography.Effect.cancelTimer;
import static dev.msk.saga.choreography.Effect.emit;
import static dev.msk.saga.choreography.Effect.startTimer;

import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.saga.testing.ChoreographyTestKit;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/** The code of docs/choreography.md, compiled here and run by {@link ChoreographyDocsTest}. */
final class Snippets {

  private Snippets() {}

  // snippet: events
  sealed interface OrderEvent {}

  record Placed(String orderId, int total) implements OrderEvent {}

  record Captured(String orderId) implements OrderEvent {}

  record Declined(String orderId) implements OrderEvent {}

  record Shipment(String orderId, boolean paid, boolean over) {

    Shipment captured() {
      return new Shipment(orderId, true, true);
    }

    Shipment refused() {
      return new Shipment(orderId, false, true);
    }
  }
  // end

  record Shipped(String orderId) {}

  record Cancelled(String orderId, String why) {}

  static Participant<Shipment, OrderEvent> shipping() {
    // snippet: participant
    Participant<Shipment, OrderEvent> shipping = Participant.builder(
            "shipping", 1, Shipment.class, OrderEvent.class)
        .emits("parcel.shipped", "order.cancelled")
        .endsWhen(Shipment::over)
        .startsOn(
            "order.placed",
            Placed.class,
            Placed::orderId,
            placed -> new Shipment(placed.orderId(), false, false))
        .react((shipment, placed) -> List.of(startTimer("payment", Duration.ofMinutes(30))))
        .on("payment.captured", Captured.class, Captured::orderId)
        .evolve((shipment, captured) -> shipment.captured())
        .react((shipment, captured) -> List.of(
            cancelTimer("payment"),
            emit("parcel.shipped", shipment.orderId(), new Shipped(shipment.orderId()))))
        .on("payment.declined", Declined.class, Declined::orderId)
        .evolve((shipment, declined) -> shipment.refused())
        .react((shipment, declined) -> List.of(emit(
            "order.cancelled",
            shipment.orderId(),
            new Cancelled(shipment.orderId(), "payment declined"))))
        .onTimeout("payment")
        .evolve(Shipment::refused)
        .react(shipment -> List.of(emit(
            "order.cancelled",
            shipment.orderId(),
            new Cancelled(shipment.orderId(), "no payment"))))
        .build();
    // end
    return shipping;
  }

  record Charge(String orderId, int total) {}

  /** Another service's part. */
  static Participant<Charge, Placed> payments() {
    return Participant.builder("payments", 1, Charge.class, Placed.class)
        .emits("payment.captured", "payment.declined")
        .endsWhen(charge -> true)
        .startsOn(
            "order.placed",
            Placed.class,
            Placed::orderId,
            placed -> new Charge(placed.orderId(), placed.total()))
        .react((charge, placed) -> List.of(
            charge.total() <= 100
                ? emit("payment.captured", charge.orderId(), new Captured(charge.orderId()))
                : emit("payment.declined", charge.orderId(), new Declined(charge.orderId()))))
        .build();
  }

  static Participant<FlowProgress, Object> watch() {
    // snippet: watch
    Participant<FlowProgress, Object> watch = Watch.builder("order-ships", 1)
        .expect("order.placed", Placed.class, Placed::orderId)
        .then("payment.captured", Captured.class, Captured::orderId)
        .within(Duration.ofMinutes(30))
        .then("parcel.shipped", Shipped.class, Shipped::orderId)
        .within(Duration.ofHours(1))
        .otherwise("order.stopped", stopped -> stopped); // to whoever looks after orders
    // end
    return watch;
  }

  static Choreography run(DataSource dataSource, Participant<Shipment, OrderEvent> shipping) {
    // snippet: run
    SchemaInstaller.of(dataSource)
        .install(CoreSchema.scripts(), MessagingSchema.scripts(), ChoreographySchema.scripts());
    Outbox outbox = Outbox.builder(PostgresOutboxStore.of(dataSource), event -> "orders")
        .build(); // an OutboxRelay sends it
    Choreography choreography = Choreography.builder(
            Transactor.of(dataSource),
            outbox,
            "/shipping",
            Leases.builder(dataSource, "shipping-1").build()) // a name of its own for each process
        .participant(shipping)
        .build()
        .start();
    // end
    return choreography;
  }

  static EventConsumer consume(
      DataSource dataSource, EventTransport transport, Choreography choreography) {
    // snippet: consume
    EventConsumer consumer = choreography
        .handleIn(EventConsumer.builder(
            transport,
            List.of("orders"),
            Transactor.of(dataSource),
            Inbox.of(PostgresInboxStore.of(dataSource), "shipping")))
        .build();
    // end
    return consumer;
  }

  static void tryOut(Participant<Shipment, OrderEvent> shipping) {
    // snippet: test
    ChoreographyTestKit.of(shipping)
        .given("order.placed", new Placed("4711", 12))
        .whenPassed(Duration.ofMinutes(30))
        .thenEmitted(emit("order.cancelled", "4711", new Cancelled("4711", "no payment")))
        .thenEnded(shipping, "4711");
    // end
  }

  static void mend(Choreography choreography) {
    // snippet: admin
    for (InstanceSnapshot instance : choreography.admin().quarantined(100)) {
      System.out.println(instance + ": " + instance.error().orElse(""));
      choreography
          .admin()
          .release(instance.participant(), instance.key(), "eve", "mended by release 42");
    }
    // end
  }
}
