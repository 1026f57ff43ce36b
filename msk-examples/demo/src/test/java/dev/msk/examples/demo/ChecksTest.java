package dev.msk.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.examples.inventory.InventoryMain;
import dev.msk.examples.orders.OrdersMain;
import dev.msk.examples.payments.PaymentsMain;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.MessagingSchema;
import dev.msk.saga.SagaSchema;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Violations are planted; each must be found, by the check that is for it. */
@WithServers
class ChecksTest {

  private static final long PIECES = 100;
  private static PostgresServer postgres;
  private static String orders;
  private static String inventory;
  private static String payments;
  private static Checks checks;
  private final String first = UUID.randomUUID().toString();
  private final String second = UUID.randomUUID().toString();
  private final String third = UUID.randomUUID().toString();

  @BeforeAll
  static void threeDatabases(PostgresServer server) {
    postgres = server;
    orders = database(
        MessagingSchema.scripts(),
        SagaSchema.scripts(),
        SchemaScripts.of("orders", OrdersMain.class, "V001__orders.sql"));
    inventory = database(SchemaScripts.of("inventory", InventoryMain.class, "V001__inventory.sql"));
    payments = database(
        MessagingSchema.scripts(),
        SchemaScripts.of("payments", PaymentsMain.class, "V001__payments.sql"));
    checks = new Checks(source(orders), source(inventory), source(payments));
  }

  /** Two that were paid; one whose card was charged, then refunded, since the rest went wrong. */
  @BeforeEach
  void threeOrders() {
    inOrders("TRUNCATE orders, customer, msk_saga, msk_dead_letter");
    inInventory("TRUNCATE stock, reservation");
    inPayments("TRUNCATE ledger, charge, msk_dead_letter");
    inOrders("INSERT INTO customer VALUES ('ada', 2), ('bob', 1)");
    order(first, "ada", 1, "PAID", "COMPLETED");
    order(second, "ada", 2, "CANCELLED", "COMPENSATED");
    order(third, "bob", 1, "PAID", "COMPLETED");
    inInventory("INSERT INTO stock VALUES ('tea', 98, 0, 2)");
    reservation(first, "SOLD");
    reservation(second, "RELEASED");
    reservation(third, "SOLD");
    booking(first, "CAPTURED");
    booking(second, "CAPTURED");
    booking(second, "REFUNDED");
    booking(third, "CAPTURED");
    arrive(first, "ada", 1);
    arrive(third, "bob", 1);
    arrive(second, "ada", 2);
  }

  @Test
  void nothingPlanted_findsNothing() throws Exception {
    assertThat(checks.allEnded()).isTrue();
    assertThat(checks.promisesKept(List.of(first, second, third))).isEmpty();
    assertThat(checks.eachEndedAsItsSaga()).isEmpty();
    assertThat(checks.moneyConserved()).isEmpty();
    assertThat(checks.stockConserved(PIECES)).isEmpty();
    assertThat(checks.eachArrivedOnce()).isEmpty();
    assertThat(checks.orderOfCustomersKept()).isEmpty();
    assertThat(checks.nothingParked()).isEmpty();
  }

  @Test
  void duplicateCharge_isFound() throws Exception {
    booking(third, "CAPTURED");

    assertThat(checks.moneyConserved())
        .containsExactly("order " + third + " charged 2 times (expected: at most once)");
  }

  @Test
  void missingCharge_isFound() throws Exception {
    inPayments("DELETE FROM charge WHERE order_id = '" + first + "'");

    assertThat(checks.moneyConserved())
        .containsExactly("order " + first + " is PAID and cost 0 cents (expected: 100)");
  }

  @Test
  void missingRefund_isFound() throws Exception {
    inPayments("DELETE FROM charge WHERE outcome = 'REFUNDED'");

    assertThat(checks.moneyConserved())
        .containsExactly("order " + second + " is CANCELLED and cost 100 cents (expected: 0)");
  }

  @Test
  void secondRefund_isFound() throws Exception {
    booking(second, "REFUNDED");

    assertThat(checks.moneyConserved())
        .containsExactly("order " + second + " is CANCELLED and cost -100 cents (expected: 0)");
  }

  @Test
  void chargeWithoutAnOrder_isFound() throws Exception {
    String stranger = UUID.randomUUID().toString();
    booking(stranger, "CAPTURED");

    assertThat(checks.moneyConserved())
        .containsExactly("order " + stranger + " charged and never accepted");
  }

  @Test
  void pieceThatIsKeptForACancelledOrder_isFound() throws Exception {
    inInventory("UPDATE reservation SET state = 'RESERVED' WHERE order_id = '" + second + "'");
    inInventory("UPDATE stock SET available = available - 1, reserved = 1");

    assertThat(checks.stockConserved(PIECES))
        .containsExactly(
            "order " + second + " is CANCELLED with pieces RESERVED 1 of tea (expected: null)",
            "tea: 97 available, 1 reserved, 2 sold (expected: 97, 0, 3)");
  }

  @Test
  void paidOrderWithoutPieces_isFound() throws Exception {
    inInventory("UPDATE reservation SET state = 'RELEASED' WHERE order_id = '" + first + "'");
    inInventory("UPDATE stock SET available = available + 1, sold = sold - 1");

    assertThat(checks.stockConserved(PIECES))
        .containsExactly("order " + first + " is PAID with pieces null (expected: SOLD 1 of tea)");
  }

  @Test
  void pieceThatVanished_isFound() throws Exception {
    inInventory("UPDATE stock SET available = available - 1");

    assertThat(checks.stockConserved(PIECES))
        .containsExactly("tea: 97 available, 0 reserved, 2 sold (expected: 98, 0, 2)");
  }

  @Test
  void piecesOfAnUnknownOrder_areFound() throws Exception {
    String stranger = UUID.randomUUID().toString();
    reservation(stranger, "SOLD");
    inInventory("UPDATE stock SET available = available - 1, sold = sold + 1");

    assertThat(checks.stockConserved(PIECES))
        .containsExactly("order " + stranger + " was never accepted: SOLD 1 of tea");
  }

  @Test
  void orderThatWaits_isFound() throws Exception {
    inOrders("UPDATE orders SET status = 'PENDING' WHERE id = '" + third + "'");

    assertThat(checks.allEnded()).isFalse();
    assertThat(checks.eachEndedAsItsSaga())
        .containsExactly("order " + third + " is PENDING and its saga COMPLETED (expected: PAID)");
  }

  @Test
  void sagaThatIsStuck_isFound() throws Exception {
    inOrders("UPDATE msk_saga SET status = 'STUCK_BACKWARD' WHERE business_key = '" + second + "'");

    assertThat(checks.allEnded()).isFalse();
    assertThat(checks.eachEndedAsItsSaga())
        .containsExactly("order " + second
            + " is CANCELLED and its saga STUCK_BACKWARD (expected: PAID or CANCELLED)");
  }

  @Test
  void orderThatSaysOtherwiseThanItsSaga_isFound() throws Exception {
    inOrders("UPDATE orders SET status = 'PAID' WHERE id = '" + second + "'");

    assertThat(checks.eachEndedAsItsSaga())
        .containsExactly(
            "order " + second + " is PAID and its saga COMPENSATED (expected: CANCELLED)");
  }

  @Test
  void orderWithoutASaga_isFound() throws Exception {
    inOrders("DELETE FROM msk_saga WHERE business_key = '" + first + "'");

    assertThat(checks.eachEndedAsItsSaga())
        .containsExactly(
            "order " + first + " is PAID and its saga null (expected: PAID or CANCELLED)");
  }

  @Test
  void eventThatTookEffectTwice_isFound() throws Exception {
    arrive(third, "bob", 1);

    assertThat(checks.eachArrivedOnce())
        .containsExactly("order " + third + " arrived 2 times (expected: 1)");
    assertThat(checks.orderOfCustomersKept()).containsExactly("bob: order 1 arrived (expected: 2)");
  }

  @Test
  void customersOrdersInAnotherOrder_areFound() throws Exception {
    inPayments("UPDATE ledger SET customer_number = 3 - customer_number WHERE customer_id = 'ada'");

    assertThat(checks.orderOfCustomersKept())
        .containsExactly(
            "ada: order 2 arrived (expected: 1)", "ada: order 1 arrived (expected: 3)");
  }

  @Test
  void gapInTheOrdersOfACustomer_isFound() throws Exception {
    inPayments("DELETE FROM ledger WHERE order_id = '" + first + "'");

    assertThat(checks.orderOfCustomersKept()).containsExactly("ada: order 2 arrived (expected: 1)");
    assertThat(checks.eachArrivedOnce())
        .containsExactly("order " + first + " arrived 0 times (expected: 1)");
  }

  @Test
  void brokenPromise_isFound() throws Exception {
    String lost = UUID.randomUUID().toString();

    assertThat(checks.promisesKept(List.of(first, lost)))
        .containsExactly("order " + lost + " was promised and is missing");
  }

  @Test
  void parkedEvent_isFound() throws Exception {
    inPayments("INSERT INTO msk_dead_letter (consumer, origin, headers, error, attempts, digest)"
        + " VALUES ('payments', 'shop.orders/0/7', '{}', 'no order', 5, '')");

    assertThat(checks.nothingParked()).containsExactly("payments parked shop.orders/0/7: no order");
  }

  @Test
  void falseClaim_saysWhichAndWhy() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Story story = new Story(new PrintStream(printed, true));

    assertThatThrownBy(() -> story.claim("all is well", List.of("a", "b", "c", "d", "e", "f", "g")))
        .isInstanceOf(FalseClaimException.class)
        .hasMessage("all is well: a; b; c; d; e; and 2 more");
    assertThat(printed.toString()).isEmpty();
  }

  private static String database(SchemaScripts... scripts) {
    String url = postgres.newDatabase();
    SchemaInstaller.of(source(url)).install(scripts);
    return url;
  }

  private static void order(String id, String customer, int number, String status, String saga) {
    inOrders("INSERT INTO orders VALUES ('" + id + "', '" + customer + "', " + number
        + ", 'tea', 1, 100, '" + status + "')");
    inOrders("INSERT INTO msk_saga (id, name, version, business_key, status, position, state)"
        + " VALUES (gen_random_uuid(), 'place-order', 1, '" + id + "', '" + saga + "', 0, '')");
  }

  private static void reservation(String order, String state) {
    inInventory("INSERT INTO reservation (order_id, sku, quantity, state, step_key) VALUES ('"
        + order + "', 'tea', 1, '" + state + "', 'key')");
  }

  private static void booking(String order, String outcome) {
    inPayments("INSERT INTO charge (order_id, customer_id, amount_cents, outcome) VALUES ('" + order
        + "', 'ada', 100, '" + outcome + "')");
  }

  private static void arrive(String order, String customer, int number) {
    inPayments("INSERT INTO ledger (order_id, customer_id, customer_number) VALUES ('" + order
        + "', '" + customer + "', " + number + ")");
  }

  private static void inOrders(String sql) {
    postgres.execute(name(orders), sql);
  }

  private static void inInventory(String sql) {
    postgres.execute(name(inventory), sql);
  }

  private static void inPayments(String sql) {
    postgres.execute(name(payments), sql);
  }

  private static String name(String url) {
    return url.substring(url.lastIndexOf('/') + 1, url.indexOf('?'));
  }

  private static javax.sql.DataSource source(String url) {
    return new Database(url).source();
  }
}
