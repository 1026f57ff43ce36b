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
 * What must be true of the databases of orders and payments once no order waits any more. Each check
 * returns what contradicts it, an empty list when nothing does.
 */
public final class Checks {

  private final DataSource orders;
  private final DataSource payments;

  /**
   * Checks on two databases.
   *
   * @param orders the database of orders
   * @param payments the database of payments
   */
  public Checks(DataSource orders, DataSource payments) {
    this.orders = orders;
    this.payments = payments;
  }

  /**
   * An order that a client was promised is in the database.
   *
   * @param promised ids from answers with 201
   * @return promised orders that are missing
   */
  public List<String> promisesKept(Collection<String> promised) throws SQLException {
    Set<String> missing = new TreeSet<>(promised);
    missing.removeAll(orders().keySet());
    return missing.stream()
        .map(id -> "order " + id + " was promised and is missing")
        .toList();
  }

  /**
   * One charge for each order, and none for anything else.
   *
   * @return orders that were charged never or more than once, charges without an order
   */
  public List<String> eachChargedOnce() throws SQLException {
    return eachOnce("charge", "charged");
  }

  /**
   * One entry in the ledger for each order: its event took effect once.
   *
   * @return orders whose event took effect never or more than once, entries without an order
   */
  public List<String> eachArrivedOnce() throws SQLException {
    return eachOnce("ledger", "arrived");
  }

  /**
   * The orders of a customer arrived in the order in which they were accepted: 1, 2, 3, by the
   * ledger's entries.
   *
   * @return entries that came before an earlier one, or after a gap
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
   * No order waits, and each is PAID or DECLINED as payments has it.
   *
   * @return orders that wait or say otherwise
   */
  public List<String> eachSettledAsCharged() throws SQLException {
    Map<String, String> charged = new HashMap<>();
    rows(
        payments,
        "SELECT order_id::text, outcome FROM charge",
        row -> charged.put(
            row.getString(1), row.getString(2).equals("CAPTURED") ? "PAID" : "DECLINED"));
    List<String> violations = new ArrayList<>();
    orders().forEach((id, status) -> {
      if (!status.equals(charged.get(id))) {
        violations.add("order " + id + " is " + status + " (expected: " + charged.get(id) + ")");
      }
    });
    return violations;
  }

  /**
   * No event was put aside as one that cannot be handled.
   *
   * @return parked events
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

  /** The orders and their status. */
  private Map<String, String> orders() throws SQLException {
    Map<String, String> all = new LinkedHashMap<>();
    rows(
        orders,
        "SELECT id::text, status FROM orders ORDER BY accepted_at",
        row -> all.put(row.getString(1), row.getString(2)));
    return all;
  }

  private List<String> eachOnce(String table, String verb) throws SQLException {
    Map<String, Integer> times = new LinkedHashMap<>();
    rows(
        payments,
        "SELECT order_id::text, count(*) FROM " + table + " GROUP BY order_id",
        row -> times.put(row.getString(1), row.getInt(2)));
    List<String> violations = new ArrayList<>();
    for (String id : orders().keySet()) {
      Integer count = times.remove(id);
      if (count == null || count != 1) {
        violations.add("order " + id + " " + verb + " " + (count == null ? 0 : count)
            + " times (expected: 1)");
      }
    }
    times
        .keySet()
        .forEach(id -> violations.add("order " + id + " " + verb + " and never accepted"));
    return violations;
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

  @FunctionalInterface
  private interface Row {
    void take(ResultSet row) throws SQLException;
  }
}
