package dev.msk.examples.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;

/**
 * What must be true of the three databases once every saga has ended. Each check returns what
 * contradicts it, an empty list when nothing does.
 */
public final class Checks {

  private static final String PAID = "PAID";

  private final DataSource orders;
  private final DataSource inventory;
  private final DataSource payments;

  /**
   * Checks on three databases.
   *
   * @param orders the database of orders
   * @param inventory the database of inventory
   * @param payments the database of payments
   */
  public Checks(DataSource orders, DataSource inventory, DataSource payments) {
    this.orders = orders;
    this.inventory = inventory;
    this.payments = payments;
  }

  /**
   * Whether nothing is under way any more.
   *
   * @return true when every order and every saga has ended
   * @throws SQLException when a database cannot be asked
   */
  public boolean allEnded() throws SQLException {
    List<Long> waiting = new ArrayList<>();
    rows(
        orders,
        "SELECT (SELECT count(*) FROM orders WHERE status NOT IN ('PAID', 'CANCELLED'))"
            + " + (SELECT count(*) FROM msk_saga WHERE status NOT IN ('COMPLETED', 'COMPENSATED'))",
        row -> waiting.add(row.getLong(1)));
    return waiting.get(0) == 0;
  }

  /**
   * An order that a client was promised is in the database.
   *
   * @param promised ids from answers with 201
   * @return promised orders that are missing
   * @throws SQLException when a database cannot be asked
   */
  public List<String> promisesKept(Collection<String> promised) throws SQLException {
    Set<String> missing = new TreeSet<>(promised);
    missing.removeAll(orders().keySet());
    return missing.stream()
        .map(id -> "order " + id + " was promised and is missing")
        .toList();
  }

  /**
   * Each order has one saga; it is PAID where that is COMPLETED, and CANCELLED where it is
   * COMPENSATED.
   *
   * @return orders that are neither, or say otherwise, or have no saga
   * @throws SQLException when a database cannot be asked
   */
  public List<String> eachEndedAsItsSaga() throws SQLException {
    Map<String, String> sagas = new HashMap<>();
    rows(
        orders,
        "SELECT business_key, status FROM msk_saga WHERE name = 'place-order'",
        row -> sagas.put(row.getString(1), row.getString(2)));
    List<String> violations = new ArrayList<>();
    orders().forEach((id, order) -> {
      String saga = sagas.get(id);
      String expected = "COMPLETED".equals(saga)
          ? PAID
          : "COMPENSATED".equals(saga) ? "CANCELLED" : "PAID or CANCELLED";
      if (!expected.equals(order.status())) {
        violations.add("order " + id + " is " + order.status() + " and its saga " + saga
            + " (expected: " + expected + ")");
      }
    });
    return violations;
  }

  /**
   * Of an order that is PAID, its amount was charged once; of one that is CANCELLED, at most once, and
   * as much was given back. Nobody else was charged.
   *
   * @return orders for which that is not so
   * @throws SQLException when a database cannot be asked
   */
  public List<String> moneyConserved() throws SQLException {
    Map<String, Bookings> booked = new LinkedHashMap<>();
    rows(
        payments,
        "SELECT order_id::text, outcome, amount_cents FROM charge ORDER BY id",
        row -> booked
            .computeIfAbsent(row.getString(1), id -> new Bookings())
            .add(row.getString(2), row.getLong(3)));
    List<String> violations = new ArrayList<>();
    orders().forEach((id, order) -> {
      Bookings bookings = booked.remove(id);
      if (bookings == null) {
        bookings = new Bookings();
      }
      long expected = order.status().equals(PAID) ? order.amountCents() : 0;
      if (bookings.captures > 1) {
        violations.add(
            "order " + id + " charged " + bookings.captures + " times (expected: at most once)");
      } else if (bookings.cents != expected) {
        violations.add("order " + id + " is " + order.status() + " and cost " + bookings.cents
            + " cents (expected: " + expected + ")");
      }
    });
    booked.forEach((id, bookings) -> {
      if (bookings.captures > 0) {
        violations.add("order " + id + " charged and never accepted");
      }
    });
    return violations;
  }

  /**
   * Of an order that is PAID, its pieces were sold; of one that is CANCELLED, none are kept or sold;
   * and the sum of all pieces is what it was.
   *
   * @param pieces of each thing in the beginning
   * @return orders and things for which that is not so
   * @throws SQLException when a database cannot be asked
   */
  public List<String> stockConserved(long pieces) throws SQLException {
    Map<String, String> kept = new LinkedHashMap<>();
    Map<String, Long> sold = new HashMap<>();
    rows(
        inventory,
        "SELECT order_id, state, sku, quantity FROM reservation WHERE state <> 'RELEASED'",
        row -> {
          kept.put(
              row.getString(1), row.getString(2) + " " + row.getInt(4) + " of " + row.getString(3));
          sold.merge(row.getString(3), row.getLong(4), Long::sum);
        });
    List<String> violations = new ArrayList<>();
    orders().forEach((id, order) -> {
      String pieceState = kept.remove(id);
      String expected =
          order.status().equals(PAID) ? "SOLD " + order.quantity() + " of " + order.sku() : null;
      if (!java.util.Objects.equals(pieceState, expected)) {
        violations.add("order " + id + " is " + order.status() + " with pieces " + pieceState
            + " (expected: " + expected + ")");
      }
    });
    kept.forEach((id, state) -> violations.add("order " + id + " was never accepted: " + state));
    rows(inventory, "SELECT sku, available, reserved, sold FROM stock ORDER BY sku", row -> {
      long expected = sold.getOrDefault(row.getString(1), 0L);
      if (row.getLong(2) != pieces - expected
          || row.getLong(3) != 0
          || row.getLong(4) != expected) {
        violations.add(row.getString(1) + ": " + row.getLong(2) + " available, " + row.getLong(3)
            + " reserved, " + row.getLong(4) + " sold (expected: " + (pieces - expected) + ", 0, "
            + expected + ")");
      }
    });
    return violations;
  }

  /**
   * One entry in the ledger for each order: its event took effect once.
   *
   * @return orders whose event took effect never or more than once, entries without an order
   * @throws SQLException when a database cannot be asked
   */
  public List<String> eachArrivedOnce() throws SQLException {
    Map<String, Integer> times = new LinkedHashMap<>();
    rows(
        payments,
        "SELECT order_id::text, count(*) FROM ledger GROUP BY order_id",
        row -> times.put(row.getString(1), row.getInt(2)));
    List<String> violations = new ArrayList<>();
    for (String id : orders().keySet()) {
      Integer count = times.remove(id);
      if (count == null || count != 1) {
        violations.add(
            "order " + id + " arrived " + (count == null ? 0 : count) + " times (expected: 1)");
      }
    }
    times.keySet().forEach(id -> violations.add("order " + id + " arrived and never accepted"));
    return violations;
  }

  /**
   * The orders of a customer arrived in the order in which they were accepted: 1, 2, 3, by the
   * ledger's entries.
   *
   * @return entries that came before an earlier one, or after a gap
   * @throws SQLException when a database cannot be asked
   */
  public List<String> orderOfCustomersKept() throws SQLException {
    List<String> violations = new ArrayList<>();
    Map<String, Long> last = new HashMap<>();
    rows(payments, "SELECT customer_id, customer_number FROM ledger ORDER BY entry", row -> {
      String customer = row.getString(1);
      long number = row.getLong(2);
      long expected = last.getOrDefault(customer, 0L) + 1;
      if (number != expected) {
        violations.add(customer + ": order " + number + " arrived (expected: " + expected + ")");
      }
      last.put(customer, number);
    });
    return violations;
  }

  /**
   * No event was put aside as one that cannot be handled.
   *
   * @return parked events
   * @throws SQLException when a database cannot be asked
   */
  public List<String> nothingParked() throws SQLException {
    List<String> violations = new ArrayList<>();
    for (DataSource database : List.of(orders, payments)) {
      rows(
          database,
          "SELECT consumer, origin, error FROM msk_dead_letter ORDER BY seq",
          row -> violations.add(
              row.getString(1) + " parked " + row.getString(2) + ": " + row.getString(3)));
    }
    return violations;
  }

  private Map<String, Ordered> orders() throws SQLException {
    Map<String, Ordered> all = new LinkedHashMap<>();
    rows(
        orders,
        "SELECT id::text, sku, quantity, amount_cents, status FROM orders ORDER BY accepted_at",
        row -> all.put(
            row.getString(1),
            new Ordered(row.getString(2), row.getInt(3), row.getLong(4), row.getString(5))));
    return all;
  }

  private static void rows(DataSource database, String sql, Row each) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        each.take(rows);
      }
    }
  }

  private record Ordered(String sku, int quantity, long amountCents, String status) {}

  /** Of one order. */
  private static final class Bookings {

    private int captures;
    private long cents;

    void add(String outcome, long amountCents) {
      switch (outcome) {
        case "CAPTURED" -> {
          captures++;
          cents += amountCents;
        }
        case "REFUNDED" -> cents -= amountCents;
        default -> {}
      }
    }
  }

  @FunctionalInterface
  private interface Row {
    void take(ResultSet row) throws SQLException;
  }
}
