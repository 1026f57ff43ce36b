package dev.msk.messaging;

import dev.msk.core.Codec;
import dev.msk.core.Scheduler;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.TlsSource;
import dev.msk.messaging.DeadLetters.By;
import dev.msk.messaging.DeadLetters.Filter;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.rabbitmq.RabbitMqTransport;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.sqs.SqsTransport;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/** The code of the READMEs, compiled here and run by {@link ReadmeTest}. */
final class Snippets {

  record Order(String id, int total) {}

  /** A repository as a service has it already. */
  interface Orders {
    void insert(Connection tx, Order order) throws SQLException;

    void markPaid(Connection tx, String id) throws SQLException;
  }

  private final DataSource dataSource;
  private final Map<String, Object> kafka;
  private final Orders orders;
  private final Codec json = JacksonCodec.of();

  Snippets(DataSource dataSource, Map<String, Object> kafka, Orders orders) {
    this.dataSource = dataSource;
    this.kafka = kafka;
    this.orders = orders;
  }

  AutoCloseable publish(Order order) {
    // snippet: publish
    SchemaInstaller.of(dataSource).install(CoreSchema.scripts(), MessagingSchema.scripts());
    Transactor transactor = Transactor.of(dataSource); // or any Connection that you already hold
    Events events = Events.of("/orders", json);
    Outbox outbox =
        Outbox.builder(PostgresOutboxStore.of(dataSource), event -> "orders").build();
    OutboxRelay relay = OutboxRelay.builder(
            outbox,
            KafkaTransport.of(kafka),
            Leases.builder(dataSource, "orders-1").build())
        .build()
        .start();

    transactor.run(tx -> {
      orders.insert(tx, order);
      outbox.publish(tx, events.event("order.accepted", order.id(), order));
    }); // both, or none
    // end
    return relay;
  }

  AutoCloseable consume() {
    // snippet: consume
    EventTransport transport = KafkaTransport.of(kafka);
    Inbox inbox = Inbox.of(PostgresInboxStore.of(dataSource), "shipping");
    EventConsumer consumer = EventConsumer.builder(
            transport, List.of("orders"), Transactor.of(dataSource), inbox)
        .handle(
            "order.accepted", // once per (source, id), in the inbox's transaction
            (tx, event) -> orders.markPaid(tx, event.data(json, Order.class).id()))
        .build()
        .start();
    // end
    return consumer;
  }

  EventConsumer upcast(EventTransport transport, Inbox inbox) {
    // snippet: upcast
    Upcasters upcasters = Upcasters.builder()
        .from("order.accepted", 1, event -> withTotal(event)) // 1 to 2
        .build();
    EventConsumer consumer = EventConsumer.builder(
            transport, List.of("orders"), Transactor.of(dataSource), inbox)
        .handle(
            "order.accepted",
            upcasters.before((tx, event) -> orders.insert(tx, event.data(json, Order.class))))
        .build();
    // end
    return consumer;
  }

  /** Orders of version 1 had no total. */
  private EventEnvelope withTotal(EventEnvelope event) {
    Order old = event.data(json, Order.class);
    return event.toBuilder().data(json.encode(new Order(old.id(), 100))).build();
  }

  byte[] answer(Connection tx, String key, byte[] body) throws Exception {
    Inbox inbox = Inbox.of(PostgresInboxStore.of(dataSource), "orders");
    // snippet: request
    Inbox.Request request = new Inbox.Request("POST /orders", key, body);
    Inbox.Answer answer = inbox.answer(tx, request, sameTx -> {
      Order order = json.decode(body, Order.class);
      orders.insert(sameTx, order);
      return json.encode(order);
    }); // the second time: no insert, the same bytes
    // end
    return answer.body();
  }

  AutoCloseable parallel(EventTransport transport, Transactor transactor, Inbox inbox) {
    // snippet: failures
    EventConsumer consumer = EventConsumer.builder(transport, List.of("orders"), transactor, inbox)
        .handle("order.accepted", (tx, event) -> orders.insert(tx, event.data(json, Order.class)))
        .concurrency(8) // keys side by side, each in its order
        .onFailure(FailurePolicy.PARK_KEY) // what fails five times waits, and its key behind it
        .onFailure("order.viewed", FailurePolicy.SKIP)
        .poison(failure -> failure instanceof IllegalArgumentException) // not tried again
        .build()
        .start();
    // end
    return consumer;
  }

  EventTransport rabbitMq(CredentialSource passwords, TlsSource identity) {
    // snippet: rabbitmq
    RabbitMqTransport transport = RabbitMqTransport.builder("amqps://orders@rabbit-1/shop")
        .nodes("rabbit-2:5671", "rabbit-3:5671")
        .credentials(passwords) // asked for each connection: they may rotate
        .tls(identity)
        .build();
    transport.declare("shipping", List.of("orders")); // gets what is sent from now on
    // end
    return transport;
  }

  EventTransport sqs(SqsAsyncClient sqsAsyncClient, Scheduler scheduler) {
    // snippet: sqs
    SqsTransport transport = SqsTransport.fifo(sqsAsyncClient, scheduler)
        .groups(topic -> List.of("shipping", "billing")) // who gets the events of a topic
        .build();
    transport.declare("shipping", List.of("orders")); // gets what is sent from now on
    // end
    return transport;
  }

  List<DeadLetter> deadLetters(Transactor transactor, Inbox inbox) {
    // snippet: dead-letters
    DeadLetters deadLetters = DeadLetters.of(inbox, transactor);
    Filter filter = Filter.all().type("order.accepted").error("NullPointerException");
    List<DeadLetter> page = deadLetters.list(filter, 0, 100);
    deadLetters.replay(filter, new By("ada", "ticket 7: fixed in 1.4.2"));
    deadLetters.discard(Filter.number(17), new By("ada", "a test order"));
    // end
    return page;
  }
}
