package dev.msk.observability.agent;

import dev.msk.core.Scope;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.Events;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.observability.MskTelemetry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.GlobalOpenTelemetry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/** What {@link JavaAgentMessagingTest} starts in a JVM of its own: an order whose event goes by an outbox and Kafka to a parcel. */
final class InstrumentedOutbox {

  static final String TOPIC = "instrumented-orders";

  private InstrumentedOutbox() {}

  public static void main(String[] args) throws Exception {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(args[0]);
    database.setUser(args[1]);
    database.setPassword(args[2]);
    MskTelemetry telemetry = MskTelemetry.of(GlobalOpenTelemetry.get(), new SimpleMeterRegistry());
    KafkaTransport transport = KafkaTransport.of(Map.of("bootstrap.servers", args[3]));
    Transactor transactor = Transactor.of(database);
    Outbox outbox = Outbox.builder(PostgresOutboxStore.of(database), event -> TOPIC)
        .telemetry(telemetry)
        .build();
    OutboxRelay relay = OutboxRelay.builder(
            outbox, transport, Leases.builder(database, "orders-1").build())
        .telemetry(telemetry)
        .build();
    BoundOperation place = operation(telemetry, "shop.order.place");
    BoundOperation book = operation(telemetry, "shop.parcel.book");
    CountDownLatch booked = new CountDownLatch(1);
    EventConsumer consumer = EventConsumer.builder(
            transport,
            List.of(TOPIC),
            transactor,
            Inbox.of(PostgresInboxStore.of(database), "shipping"))
        .handle("order.accepted", (tx, event) -> {
          book.start(telemetry.current()).close();
          booked.countDown();
        })
        .telemetry(telemetry)
        .build();

    relay.start();
    consumer.start();
    try (relay;
        consumer) {
      try (Operation order = place.start(TelemetryContext.root());
          Scope scope = order.makeCurrent()) {
        transactor.run(tx -> outbox.publish(
            tx, Events.of("/orders", JacksonCodec.of()).event("order.accepted", "4711", "order")));
      }
      if (!booked.await(45, TimeUnit.SECONDS)) {
        throw new IllegalStateException("no parcel");
      }
    }
  }

  private static BoundOperation operation(MskTelemetry telemetry, String name) {
    return telemetry
        .operation(OperationSpec.builder(name, OperationKind.INTERNAL).build())
        .bind();
  }
}
