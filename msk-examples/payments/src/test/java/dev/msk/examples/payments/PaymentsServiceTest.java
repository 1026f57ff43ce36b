package dev.msk.examples.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.examples.chassis.Environment;
import dev.msk.examples.contracts.ChargePayment;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.examples.contracts.PaymentCaptured;
import dev.msk.examples.contracts.PaymentDeclined;
import dev.msk.examples.contracts.PaymentRefunded;
import dev.msk.examples.contracts.RefundPayment;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
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
    server.createTopic(Topics.CHARGES, PARTITIONS);
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
  void charge_isBookedAndAnswered() throws Exception {
    EventEnvelope charge = charge("ada", 1_250);

    publish(Topics.CHARGES, charge);

    EventEnvelope answer = answers("ada", 1).get(0);
    assertThat(answer.type()).isEqualTo("payment.captured");
    assertThat(answer.source()).isEqualTo("/payments");
    assertThat(answer.extension(Extension.CAUSATION_ID)).hasValue(charge.id());
    assertThat(answer.data(JSON, PaymentCaptured.class))
        .isEqualTo(new PaymentCaptured(idOf(charge), "ada", 1_250));
    assertThat(bookings("ada", "CAPTURED")).isOne();
  }

  @Test
  void chargeAboveTheLimit_isDeclined() throws Exception {
    EventEnvelope charge = charge("bob", 100_001);

    publish(Topics.CHARGES, charge);

    EventEnvelope answer = answers("bob", 1).get(0);
    assertThat(answer.type()).isEqualTo("payment.declined");
    assertThat(answer.data(JSON, PaymentDeclined.class))
        .isEqualTo(
            new PaymentDeclined(idOf(charge), "bob", "amountCents: 100001 (expected: <= 100000)"));
    assertThat(bookings("bob", "DECLINED")).isOne();
    assertThat(bookings("bob", "CAPTURED")).isZero();
  }

  @Test
  void refund_givesBackWhatWasCharged() throws Exception {
    EventEnvelope charge = charge("gil", 700);

    publish(Topics.CHARGES, charge, refund(charge, "gil"));

    EventEnvelope answer = answers("gil", 2).get(1);
    assertThat(answer.data(JSON, PaymentRefunded.class))
        .isEqualTo(new PaymentRefunded(idOf(charge), "gil", 700));
    assertThat(bookings("gil", "REFUNDED")).isOne();
  }

  @Test
  void refundOfWhatWasNeverCharged_succeedsAndForbidsTheCharge() throws Exception {
    EventEnvelope charge = charge("hal", 700);

    publish(Topics.CHARGES, refund(charge, "hal"), charge);

    List<EventEnvelope> answers = answers("hal", 2);
    assertThat(answers.get(0).data(JSON, PaymentRefunded.class).amountCents()).isZero();
    assertThat(answers.get(1).type()).isEqualTo("payment.declined");
    assertThat(bookings("hal", "VOIDED")).isOne();
    assertThat(bookings("hal", "CAPTURED")).isZero();
  }

  @Test
  void commandThatComesThreeTimes_isBookedOnce() throws Exception {
    EventEnvelope charge = charge("cleo", 500);

    publish(Topics.CHARGES, charge, charge, charge, charge("cleo", 600));

    await(() -> bookings("cleo", "CAPTURED") == 2);
    awaitRead(Topics.CHARGES);
    assertThat(bookings("cleo", "CAPTURED")).isEqualTo(2);
    assertThat(sent("cleo")).isEqualTo(2);
  }

  @Test
  void wholeTopicReadAgain_chargesNobodyTwice() throws Exception {
    EventEnvelope[] all = new EventEnvelope[50];
    for (int i = 0; i < all.length; i++) {
      all[i] = charge("dan-" + i % 5, 100 + i);
    }
    publish(Topics.CHARGES, all);
    await(() -> bookings("dan-%", "CAPTURED") == 50);

    payments.close();
    rewind(Topics.CHARGES);
    payments = start("payments-test-again");
    publish(Topics.CHARGES, charge("dan-0", 100));

    await(() -> bookings("dan-%", "CAPTURED") == 51);
    awaitRead(Topics.CHARGES);
    assertThat(bookings("dan-%", "CAPTURED")).isEqualTo(51);
    assertThat(sent("dan-%")).isEqualTo(51);
  }

  @Test
  void twoProcessesAtWork_enterEachOrderOnceInTheOrderOfTheCustomer() throws Exception {
    try (PaymentsService second = start("payments-test-second")) {
      EventEnvelope[] all = new EventEnvelope[200];
      for (int i = 0; i < all.length; i++) {
        all[i] = order("eve-" + i % 10, i / 10 + 1);
      }

      publish(Topics.ORDERS, all);
      publish(Topics.ORDERS, all);

      await(() -> ledger("eve-%") == 200);
      awaitRead(Topics.ORDERS);
      assertThat(second.lifecycle().isReady()).isTrue();
    }
    assertThat(ledger("eve-%")).isEqualTo(200);
    assertThat(number("SELECT count(*) FROM (SELECT customer_number,"
            + " row_number() OVER (PARTITION BY customer_id ORDER BY entry) AS position"
            + " FROM ledger WHERE customer_id LIKE 'eve-%') l WHERE customer_number = position"))
        .isEqualTo(200);
  }

  @Test
  void eventThatIsNoOrder_isParkedAndHoldsUpNobody() throws Exception {
    EventEnvelope broken =
        order("finn", 1).toBuilder().data("application/json", new byte[] {'{'}).build();

    publish(Topics.ORDERS, broken, order("finn", 2));

    await(() -> ledger("finn") == 1);
    assertThat(number("SELECT count(*) FROM msk_dead_letter WHERE key = 'finn'"))
        .isOne();
  }

  @Test
  void operators_seeProbesAndMeters() throws Exception {
    await(() -> get("/readyz").statusCode() == 200);

    assertThat(get("/livez").statusCode()).isEqualTo(200);
    assertThat(get("/metrics").body()).contains("msk_outbox_relay_", "jvm_memory_used");
    assertThat(get("/elsewhere").statusCode()).isEqualTo(404);
  }

  private static HttpResponse<String> get(String path) {
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create(payments.managementUrl() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static PaymentsService start(String owner) {
    return PaymentsService.start(Settings.of(Environment.of(Map.of(
        "MANAGEMENT_PORT",
        "0",
        "DB_URL",
        database,
        "OWNER",
        owner,
        "KAFKA_BOOTSTRAP_SERVERS",
        server.bootstrapServers()))));
  }

  private static EventEnvelope order(String customer, long number) {
    OrderAccepted order =
        new OrderAccepted(UUID.randomUUID().toString(), customer, number, "tea", 1, 100);
    return ORDERS.event(OrderAccepted.TYPE, customer, order);
  }

  private static EventEnvelope charge(String customer, long amountCents) {
    ChargePayment charge = new ChargePayment(UUID.randomUUID().toString(), customer, amountCents);
    return ORDERS.event(ChargePayment.TYPE, customer, charge);
  }

  private static EventEnvelope refund(EventEnvelope charge, String customer) {
    return ORDERS.event(RefundPayment.TYPE, customer, new RefundPayment(idOf(charge), customer));
  }

  private static String idOf(EventEnvelope charge) {
    return charge.data(JSON, ChargePayment.class).orderId();
  }

  private static void publish(String topic, EventEnvelope... events) throws Exception {
    try (EventSender sender = kafka.openSender()) {
      CompletableFuture<?>[] sent = new CompletableFuture<?>[events.length];
      for (int i = 0; i < events.length; i++) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        sent[i] = done;
        sender.send(topic, events[i], error -> {
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

  /** The first answers to a customer. */
  private static List<EventEnvelope> answers(String customer, int count) {
    List<EventEnvelope> answers = new ArrayList<>();
    try (EventReceiver receiver =
        kafka.openReceiver("reader-" + UUID.randomUUID(), List.of(Topics.PAYMENTS))) {
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (System.nanoTime() - end < 0) {
        for (Delivery delivery : receiver.poll(Duration.ofMillis(100))) {
          if (delivery instanceof Delivery.Event e && e.event().orderingKey().equals(customer)) {
            answers.add(e.event());
          }
        }
        if (answers.size() >= count) {
          return answers;
        }
      }
      throw new AssertionError(answers + " to " + customer + " after 30 s");
    }
  }

  private static void rewind(String topic) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> beginning = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      beginning.put(new TopicPartition(topic, i), new OffsetAndMetadata(0));
    }
    try (Admin admin = admin()) {
      admin.alterConsumerGroupOffsets("payments", beginning).all().get();
    }
  }

  /** Waits until the group has acknowledged all that the topic holds. */
  private static void awaitRead(String topic) throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      latest.put(new TopicPartition(topic, i), OffsetSpec.latest());
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

  private static long bookings(String customer, String outcome) {
    return number("SELECT count(*) FROM charge WHERE customer_id LIKE '" + customer
        + "' AND outcome = '" + outcome + "'");
  }

  private static long sent(String customer) {
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
