package dev.msk.examples.orders;

import static dev.msk.examples.orders.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.msk.examples.contracts.ChargePayment;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.examples.contracts.PaymentCaptured;
import dev.msk.examples.contracts.PaymentDeclined;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of orders, with the real inventory; payments is played by the test. */
@WithServers
class OrderSagaTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static Trust trust;
  private static RunningOrders orders;
  private static RunningInventory inventory;
  private static PlayedPayments payments;

  @BeforeAll
  static void start(
      @TempDir Path folder, PostgresServer postgres, KafkaServer kafka, EurekaServer eureka)
      throws Exception {
    trust = new Trust(folder);
    inventory = RunningInventory.start(trust, postgres, eureka, "tea=1000000,last=1");
    orders = RunningOrders.start(trust, postgres, kafka, eureka);
    payments = new PlayedPayments(kafka.bootstrapServers());
    awaitInventory();
  }

  @AfterAll
  static void close() {
    orders.close();
    payments.close();
    inventory.close();
    trust.close();
  }

  @Test
  void capturedPayment_makesTheOrderPaidAndThePiecesSold() throws Exception {
    String id = accepted("ada");

    EventEnvelope charge = payments.await(ChargePayment.TYPE, id);
    assertThat(charge.source()).isEqualTo("/orders");
    assertThat(charge.orderingKey()).isEqualTo("ada");
    assertThat(charge.data(PlayedPayments.JSON, ChargePayment.class))
        .isEqualTo(new ChargePayment(id, "ada", 1_250));
    assertThat(status("ada", id)).isEqualTo("PENDING");
    assertThat(inventory.reservation(id)).isEqualTo("RESERVED");
    capture(charge, id, "ada");

    eventually("paid", () -> status("ada", id).equals("PAID"));
    eventually("sold", () -> inventory.reservation(id).equals("SOLD"));
    assertThat(shown("ada", id).has("reason")).isFalse();
  }

  @Test
  void declinedPayment_cancelsTheOrderAndReleasesThePieces() throws Exception {
    String id = accepted("bob");

    payments.answer(
        payments.await(ChargePayment.TYPE, id),
        PaymentDeclined.TYPE,
        new PaymentDeclined(id, "bob", "too expensive"));

    eventually("cancelled", () -> status("bob", id).equals("CANCELLED"));
    assertThat(reason("bob", id)).isEqualTo("PAYMENT_DECLINED");
    assertThat(inventory.reservation(id)).isEqualTo("RELEASED");
  }

  @Test
  void outOfStock_isTheReasonOfTheCancellation() throws Exception {
    String id = accepted("cleo", "last", 2);

    eventually("cancelled", () -> status("cleo", id).equals("CANCELLED"));
    assertThat(reason("cleo", id)).isEqualTo("OUT_OF_STOCK");
    assertThat(inventory.stock("last")).isEqualTo("1 0 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"unheard-of", "OUT_OF_STOCK", "payment.declined"})
  void unknownSku_isTheReasonOfTheCancellationWhateverItIsCalled(String sku) throws Exception {
    String id = accepted("dan", sku, 1);

    eventually("cancelled", () -> status("dan", id).equals("CANCELLED"));
    assertThat(reason("dan", id)).isEqualTo("UNKNOWN_SKU");
  }

  @Test
  void inventoryThatIsAway_isTriedAgainAndThenTheOrderTurnsBack() throws Exception {
    inventory.kill();
    String id = accepted("eve");
    eventually("turned back", () -> saga(id).equals("COMPENSATING"));
    assertThat(status("eve", id)).isEqualTo("PENDING");
    assertThat(orders.number("SELECT count(*) FROM msk_saga_step s JOIN msk_saga g"
            + " ON g.id = s.saga_id WHERE s.step = 'reserve' AND s.transition = 'PARK'"
            + " AND g.business_key = '" + id + "'"))
        .isPositive();

    inventory.restart();

    eventually("cancelled", () -> status("eve", id).equals("CANCELLED"));
    assertThat(reason("eve", id)).isEqualTo("UNAVAILABLE");
    assertThat(inventory.reservation(id)).isEqualTo("RELEASED");
  }

  @Test
  void inventoryThatIsAwayAfterThePayment_sellsThePiecesWhenItIsBack() throws Exception {
    String id = accepted("finn");
    EventEnvelope charge = payments.await(ChargePayment.TYPE, id);
    inventory.kill();

    capture(charge, id, "finn");

    eventually("paid", () -> status("finn", id).equals("PAID"));
    inventory.restart();
    eventually("sold", () -> inventory.reservation(id).equals("SOLD"));
    eventually("completed", () -> saga(id).equals("COMPLETED"));
  }

  @Test
  void replyThatComesTwice_isHandledOnce() throws Exception {
    String id = accepted("gus");
    EventEnvelope charge = payments.await(ChargePayment.TYPE, id);

    payments.publish(capture(charge, id, "gus"));
    capture(charge, id, "gus");
    payments.answer(
        charge, PaymentDeclined.TYPE, new PaymentDeclined(id, "gus", "changed my mind"));

    // The reply to the next one is read after all of those.
    complete("gus");
    assertThat(status("gus", id)).isEqualTo("PAID");
    assertThat(parked("gus")).isZero();
  }

  @Test
  void replyToNothing_isParkedAndHoldsUpNobody() throws Exception {
    String nobody = UUID.randomUUID().toString();
    EventEnvelope strange = EventEnvelope.builder(nobody + "/pay", "/orders", ChargePayment.TYPE)
        .extension(Extension.PARTITION_KEY, "hal")
        .build();

    capture(strange, nobody, "hal");
    payments.publish(EventEnvelope.builder(nobody, "/payments", PaymentCaptured.TYPE)
        .extension(Extension.PARTITION_KEY, "hal")
        .build());

    complete("hal");
    assertThat(parked("hal")).isEqualTo(2);
  }

  @Test
  void acceptedOrder_isPublishedWithTheCustomerAsKeyInItsTraceAndFlow() throws Exception {
    HttpResponse<String> answer = orders.send(orders
        .placing(UUID.randomUUID().toString(), RunningOrders.order(1_250))
        .header("Authorization", trust.token("ida"))
        .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
        .header("x-correlation-id", "cart-4711"));
    String id = idOf(answer);

    EventEnvelope event = payments.await(OrderAccepted.TYPE, id);
    assertThat(event.source()).isEqualTo("/orders");
    assertThat(event.orderingKey()).isEqualTo("ida");
    assertThat(event.data(PlayedPayments.JSON, OrderAccepted.class))
        .isEqualTo(new OrderAccepted(id, "ida", 1, "tea", 2, 1_250));
    EventEnvelope charge = payments.await(ChargePayment.TYPE, id);
    for (EventEnvelope sent : new EventEnvelope[] {event, charge}) {
      assertThat(sent.extension(Extension.CORRELATION_ID)).hasValue("cart-4711");
      assertThat(sent.extension(Extension.TRACE_PARENT).orElse("")).startsWith("00-" + TRACE);
    }
    capture(charge, id, "ida");
    eventually("completed", () -> saga(id).equals("COMPLETED"));
  }

  /** Until orders has found inventory, a reservation may run out of attempts. */
  private static void awaitInventory() throws Exception {
    eventually("inventory is reached", () -> {
      String id = accepted("warm");
      eventually("decided", () -> !inventory.reservation(id).isEmpty());
      return inventory.reservation(id).equals("RESERVED");
    });
  }

  private static void complete(String customer) throws Exception {
    String id = accepted(customer);
    capture(payments.await(ChargePayment.TYPE, id), id, customer);
    eventually("completed", () -> saga(id).equals("COMPLETED"));
  }

  private static EventEnvelope capture(EventEnvelope charge, String id, String customer)
      throws Exception {
    return payments.answer(charge, PaymentCaptured.TYPE, new PaymentCaptured(id, customer, 1_250));
  }

  private static String accepted(String customer) {
    return accepted(customer, "tea", 2);
  }

  private static String accepted(String customer, String sku, int quantity) {
    return idOf(orders.place(
        customer, UUID.randomUUID().toString(), RunningOrders.order(sku, quantity, 1_250)));
  }

  private static String idOf(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return answer.headers().firstValue("location").orElseThrow().substring("/orders/".length());
  }

  private static JsonNode shown(String customer, String id) {
    HttpResponse<String> answer = orders.get(customer, "/orders/" + id);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return PlayedPayments.JSON.decode(answer.body().getBytes(UTF_8), JsonNode.class);
  }

  private static String status(String customer, String id) {
    return shown(customer, id).path("status").asText();
  }

  private static String reason(String customer, String id) {
    return shown(customer, id).path("reason").asText();
  }

  private static String saga(String orderId) {
    return orders.query("SELECT status FROM msk_saga WHERE business_key = '" + orderId + "'");
  }

  private static long parked(String customer) {
    return orders.number("SELECT count(*) FROM msk_dead_letter WHERE key = '" + customer + "'");
  }
}
