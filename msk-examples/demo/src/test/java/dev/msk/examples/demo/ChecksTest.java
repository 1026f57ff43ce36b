package dev.msk.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.examples.orders.OrdersMain;
import dev.msk.examples.payments.PaymentsMain;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.MessagingSchema;
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

  private static PostgresServer postgres;
  private static String orders;
  private static String payments;
  private static Checks checks;
  private final String first = UUID.randomUUID().toString();
  private final String second = UUID.randomUUID().toString();
  private final String third = UUID.randomUUID().toString();

  @BeforeAll
  static void twoDatabases(PostgresServer server) {
    postgres = server;
    orders = database(SchemaScripts.of("orders", OrdersMain.class, "V001__orders.sql"));
    payments = database(SchemaScripts.of("payments", PaymentsMain.class, "V001__payments.sql"));
    checks = new Checks(source(orders), source(payments));
  }

  @BeforeEach
  void threePaidOrders() {
    inOrders("TRUNCATE orders, customer, msk_dead_letter");
    inPayments("TRUNCATE ledger, charge, msk_dead_letter");
    inOrders("INSERT INTO customer VALUES ('ada', 2), ('bob', 1)");
    order(first, "ada", 1, "PAID");
    order(second, "ada", 2, "DECLINED");
    order(third, "bob", 1, "PAID");
    charge(first, "CAPTURED");
    charge(second, "DECLINED");
    charge(third, "CAPTURED");
    arrive(first, "ada", 1);
    arrive(third, "bob", 1);
    arrive(second, "ada", 2);
  }

  @Test
  void nothingPlanted_findsNothing() throws Exception {
    assertThat(checks.promisesKept(List.of(first, second, third))).isEmpty();
    assertThat(checks.eachChargedOnce()).isEmpty();
    assertThat(checks.eachArrivedOnce()).isEmpty();
    assertThat(checks.orderOfCustomersKept()).isEmpty();
    assertThat(checks.eachSettledAsCharged()).isEmpty();
    assertThat(checks.nothingParked()).isEmpty();
  }

  @Test
  void duplicateCharge_isFound() throws Exception {
    charge(third, "CAPTURED");

    assertThat(checks.eachChargedOnce())
        .containsExactly("order " + third + " charged 2 times (expected: 1)");
  }

  @Test
  void missingCharge_isFound() throws Exception {
    inPayments("DELETE FROM charge WHERE order_id = '" + first + "'");

    assertThat(checks.eachChargedOnce())
        .containsExactly("order " + first + " charged 0 times (expected: 1)");
    assertThat(checks.eachSettledAsCharged())
        .containsExactly("order " + first + " is PAID (expected: null)");
  }

  @Test
  void chargeWithoutAnOrder_isFound() throws Exception {
    String stranger = UUID.randomUUID().toString();
    charge(stranger, "CAPTURED");

    assertThat(checks.eachChargedOnce())
        .containsExactly("order " + stranger + " charged and never accepted");
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
  void orderThatWaits_isFound() throws Exception {
    inOrders("UPDATE orders SET status = 'ACCEPTED' WHERE id = '" + third + "'");

    assertThat(checks.eachSettledAsCharged())
        .containsExactly("order " + third + " is ACCEPTED (expected: PAID)");
  }

  @Test
  void orderThatSaysOtherwise_isFound() throws Exception {
    inOrders("UPDATE orders SET status = 'PAID' WHERE id = '" + second + "'");

    assertThat(checks.eachSettledAsCharged())
        .containsExactly("order " + second + " is PAID (expected: DECLINED)");
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

  private static String database(SchemaScripts own) {
    String url = postgres.newDatabase();
    SchemaInstaller.of(source(url)).install(MessagingSchema.scripts(), own);
    return url;
  }

  private static void order(String id, String customer, int number, String status) {
    inOrders("INSERT INTO orders VALUES ('" + id + "', '" + customer + "', " + number
        + ", 'tea', 1, 100, '" + status + "')");
  }

  private static void charge(String order, String outcome) {
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
