package dev.msk.examples.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.examples.contracts.PaymentCaptured;
import dev.msk.examples.contracts.PaymentDeclined;
import dev.msk.examples.contracts.Topics;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Extension;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@WithServers
class PaymentsServiceTest {

  private static final JacksonCodec JSON = JacksonCodec.of();
  private static final Events ORDERS = Events.of("/orders", JSON);
  private static final int PARTITIONS = 3;
  private static KafkaServer server;
  private static KafkaTransport kafka;
  private static String database;
  private static PaymentsService payments;

  @BeforeAll
  static void start(PostgresServer postgres, KafkaServer broker) {
    server = broker;
    server.createTopic(Topics.ORDERS, PARTITIONS);
    server.createTopic(Topics.PAYMENTS, PARTITIONS);
    kafka = KafkaTransport.of(Map.of("bootstrap.servers", server.bootstrapServers()));
    database = postgres.newDatabase();
    payments = start("payments-test");
  }

  @AfterAll
  static void close() {
    payments.close();
  }

  @Test
  void acceptedOrder_isChargedAndAnswered() throws Exception {
    EventEnvelope order = order("ada", 1, 1_250);

    publish(order);

    EventEnvelope answer = answer("ada");
    assertThat(answer.type()).isEqualTo("payment.captured");
    assertThat(answer.source()).isEqualTo("/payments");
    assertThat(answer.extension(Extension.CAUSATION_ID)).hasValue(order.id());
    assertThat(answer.data(JSON, PaymentCaptured.class))
        .isEqualTo(new PaymentCaptured(idOf(order), "ada", 1_250));
    assertThat(charges("ada", "CAPTURED")).isOne();
  }

  @Test
  void orderAboveTheLimit_isDeclinedAndAnswered() throws Exception {
    EventEnvelope order = order("bob", 1, 100_001);

    publish(order);

    EventEnvelope answer = answer("bob");
    assertThat(answer.type()).isEqualTo("payment.declined");
    assertThat(answer.data(JSON, PaymentDeclined.class))
        .isEqualTo(
            new PaymentDeclined(idOf(order), "bob", "amountCents: 100001 (expected: <= 100000)"));
    assertThat(charges("bob", "DECLINED")).isOne();
    assertThat(charges("bob", "CAPTURED")).isZero();
  }

  @Test
  void eventThatComesThreeTimes_isChargedOnce() throws Exception {
    EventEnvelope order = order("cleo", 1, 500);

    publish(order, order, order, order("cleo", 2, 600));

    await(() -> ledger("cleo") == 2);
    assertThat(charges("cleo", "CAPTURED")).isEqualTo(2);
    assertThat(answers("cleo")).isEqualTo(2);
  }

  @Test
  void wholeTopicReadAgain_chargesNobodyTwice() throws Exception {
    EventEnvelope[] all = new EventEnvelope[50];
    for (int i = 0; i < all.length; i++) {
      all[i] = order("dan-" + i % 5, i / 5 + 1, 100 + i);
    }
    publish(all);
    await(() -> ledger("dan-%") == 50);

    payments.close();
    rewind();
    payments = start("payments-test-again");
    publish(order("dan-0", 11, 100));

    await(() -> ledger("dan-%") == 51);
    awaitRead();
    assertThat(ledger("dan-%")).isEqualTo(51);
    assertThat(charges("dan-%", "CAPTURED")).isEqualTo(51);
    assertThat(answers("dan-%")).isEqualTo(51);
  }

  @Test
  void twoProcessesAtWork_chargeEachOnceInTheOrderOfTheCustomer() throws Exception {
    try (PaymentsService second = start("payments-test-second")) {
      EventEnvelope[] all = new EventEnvelope[200];
      for (int i = 0; i < all.length; i++) {
        all[i] = order("eve-" + i % 10, i / 10 + 1, 100);
      }

      publish(all);
      publish(all);

      await(() -> ledger("eve-%") == 200);
      awaitRead();
      assertThat(second.port()).isPositive();
    }
    assertThat(ledger("eve-%")).isEqualTo(200);
    assertThat(charges("eve-%", "CAPTURED")).isEqualTo(200);
    assertThat(number("SELECT count(*) FROM (SELECT customer_number,"
            + " row_number() OVER (PARTITION BY customer_id ORDER BY entry) AS position"
            + " FROM ledger WHERE customer_id LIKE 'eve-%') l WHERE customer_number = position"))
        .isEqualTo(200);
  }

  @Test
  void eventThatIsNoOrder_isParkedAndHoldsUpNobody() throws Exception {
    EventEnvelope broken = order("finn", 1, 100).toBuilder()
        .data("application/json", new byte[] {'{'})
        .build();

    publish(broken, order("finn", 2, 100));

    await(() -> ledger("finn") == 1);
    assertThat(number("SELECT count(*) FROM msk_dead_letter WHERE key = 'finn'"))
        .isOne();
  }

  @Test
  void health_isUp() throws Exception {
    HttpResponse<String> answer = HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + payments.port() + "/health"))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"status\":\"UP\"}");
  }

  private static PaymentsService start(String owner) {
    return PaymentsService.start(Settings.of(Map.of(
        "HTTP_PORT",
        "0",
        "DB_URL",
        database,
        "OWNER",
        owner,
        "KAFKA_BOOTSTRAP_SERVERS",
        server.bootstrapServers())));
  }

  private static EventEnvelope order(String customer, long number, long amountCents) {
    OrderAccepted order =
        new OrderAccepted(UUID.randomUUID().toString(), customer, number, "tea", 1, amountCents);
    return ORDERS.event(OrderAccepted.TYPE, customer, order);
  }

  private static String idOf(EventEnvelope order) {
    return order.data(JSON, OrderAccepted.class).orderId();
  }

  private static void publish(EventEnvelope... events) throws Exception {
    try (EventSender sender = kafka.openSender()) {
      CompletableFuture<?>[] sent = new CompletableFuture<?>[events.length];
      for (int i = 0; i < events.length; i++) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        sent[i] = done;
        sender.send(Topics.ORDERS, events[i], error -> {
          if (error == null) {
            done.complete(null);
          } else {
            done.completeExceptionally(error);
          }
        });
      }
      CompletableFuture.allOf(sent).get(20, TimeUnit.SECONDS);
    }
  }

  /** The first answer to a customer. */
  private static EventEnvelope answer(String customer) {
    try (EventReceiver receiver =
        kafka.openReceiver("reader-" + UUID.randomUUID(), List.of(Topics.PAYMENTS))) {
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (System.nanoTime() - end < 0) {
        for (Delivery delivery : receiver.poll(Duration.ofMillis(100))) {
          if (delivery instanceof Delivery.Event e && e.event().orderingKey().equals(customer)) {
            return e.event();
          }
        }
      }
      throw new AssertionError("no answer to " + customer + " after 30 s");
    }
  }

  private static void rewind() throws Exception {
    Map<TopicPartition, OffsetAndMetadata> beginning = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      beginning.put(new TopicPartition(Topics.ORDERS, i), new OffsetAndMetadata(0));
    }
    try (Admin admin = admin()) {
      admin.alterConsumerGroupOffsets("payments", beginning).all().get();
    }
  }

  /** Waits until the group has acknowledged all that the topic holds. */
  private static void awaitRead() throws Exception {
    Map<TopicPartition, org.apache.kafka.clients.admin.OffsetSpec> latest = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      latest.put(
          new TopicPartition(Topics.ORDERS, i), org.apache.kafka.clients.admin.OffsetSpec.latest());
    }
    try (Admin admin = admin()) {
      var ends = admin.listOffsets(latest).all().get();
      await(() -> {
        try {
          var read = admin
              .listConsumerGroupOffsets("payments")
              .partitionsToOffsetAndMetadata()
              .get();
          return ends.entrySet().stream()
              .allMatch(end -> end.getValue().offset() == 0
                  || (read.get(end.getKey()) != null
                      && read.get(end.getKey()).offset() >= end.getValue().offset()));
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
          throw new AssertionError(e);
        }
      });
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", server.bootstrapServers()));
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("not true after 30 s").isNegative();
      Thread.onSpinWait();
    }
  }

  private static long ledger(String customer) {
    return number("SELECT count(*) FROM ledger WHERE customer_id LIKE '" + customer + "'");
  }

  private static long charges(String customer, String outcome) {
    return number("SELECT count(*) FROM charge WHERE customer_id LIKE '" + customer
        + "' AND outcome = '" + outcome + "'");
  }

  private static long answers(String customer) {
    return number("SELECT count(*) FROM msk_outbox WHERE aggregateid LIKE '" + customer + "'");
  }

  private static long number(String sql) {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }
}
