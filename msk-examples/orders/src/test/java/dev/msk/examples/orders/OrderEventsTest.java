package dev.msk.examples.orders;

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
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@WithServers
class OrderEventsTest {

  private static final JacksonCodec JSON = JacksonCodec.of();
  private static final Events PAYMENTS = Events.of("/payments", JSON);
  private static KafkaTransport kafka;
  private static RunningOrders orders;

  @BeforeAll
  static void start(PostgresServer postgres, KafkaServer server) {
    server.createTopic(Topics.ORDERS, 3);
    server.createTopic(Topics.PAYMENTS, 3);
    kafka = KafkaTransport.of(Map.of("bootstrap.servers", server.bootstrapServers()));
    orders = RunningOrders.start(postgres, server);
  }

  @AfterAll
  static void close() {
    orders.close();
  }

  @Test
  void acceptedOrder_isPublishedWithTheCustomerAsKey() throws Exception {
    String id = accepted("ada");

    try (EventReceiver receiver =
        kafka.openReceiver("reader-" + UUID.randomUUID(), java.util.List.of(Topics.ORDERS))) {
      EventEnvelope event = await(receiver, id);

      assertThat(event.type()).isEqualTo("order.accepted");
      assertThat(event.source()).isEqualTo("/orders");
      assertThat(event.orderingKey()).isEqualTo("ada");
      assertThat(event.data(JSON, OrderAccepted.class))
          .isEqualTo(new OrderAccepted(id, "ada", 1, "tea", 2, 1_250));
    }
  }

  @Test
  void capturedPayment_makesTheOrderPaid() throws Exception {
    String id = accepted("bob");

    publish(captured(id, "bob"));

    await(() -> status(id).equals("PAID"));
  }

  @Test
  void declinedPayment_makesTheOrderDeclined() throws Exception {
    String id = accepted("cleo");

    publish(PAYMENTS.event(
        PaymentDeclined.TYPE, "cleo", new PaymentDeclined(id, "cleo", "too expensive")));

    await(() -> status(id).equals("DECLINED"));
  }

  @Test
  void paymentThatComesTwice_isHandledOnce() throws Exception {
    String id = accepted("dan");
    String other = accepted("dan");
    EventEnvelope payment = captured(id, "dan");

    publish(payment);
    publish(payment);
    publish(captured(other, "dan"));

    await(() -> status(other).equals("PAID"));
    assertThat(status(id)).isEqualTo("PAID");
    assertThat(parked("dan")).isZero();
  }

  @Test
  void paymentOfAnUnknownOrder_isParkedAndHoldsUpNobody() throws Exception {
    String id = accepted("eve");

    publish(captured(UUID.randomUUID().toString(), "eve"));
    publish(captured(id, "eve"));

    await(() -> status(id).equals("PAID"));
    assertThat(parked("eve")).isOne();
  }

  private static String accepted(String customer) {
    String location = orders
        .place(UUID.randomUUID().toString(), RunningOrders.order(customer, 1_250))
        .headers()
        .firstValue("location")
        .orElseThrow();
    return location.substring("/orders/".length());
  }

  private static EventEnvelope captured(String id, String customer) {
    return PAYMENTS.event(PaymentCaptured.TYPE, customer, new PaymentCaptured(id, customer, 1_250));
  }

  private static void publish(EventEnvelope event) throws Exception {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    try (EventSender sender = kafka.openSender()) {
      sender.send(Topics.PAYMENTS, event, error -> {
        if (error == null) {
          sent.complete(null);
        } else {
          sent.completeExceptionally(error);
        }
      });
      sent.get(20, TimeUnit.SECONDS);
    }
  }

  private static EventEnvelope await(EventReceiver receiver, String orderId) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() - end < 0) {
      for (Delivery delivery : receiver.poll(Duration.ofMillis(100))) {
        if (delivery instanceof Delivery.Event e
            && e.event().data(JSON, OrderAccepted.class).orderId().equals(orderId)) {
          return e.event();
        }
      }
    }
    throw new AssertionError("no event of order " + orderId + " after 30 s");
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("not true after 30 s").isNegative();
      Thread.onSpinWait();
    }
  }

  private static String status(String id) {
    String body = orders.get("/orders/" + id).body();
    return JSON.decode(body.getBytes(java.nio.charset.StandardCharsets.UTF_8), Order.class)
        .status()
        .name();
  }

  private static long parked(String customer) {
    return orders.number("SELECT count(*) FROM msk_dead_letter WHERE key = '" + customer + "'");
  }
}
