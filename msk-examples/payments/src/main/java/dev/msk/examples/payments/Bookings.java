package dev.msk.examples.payments;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The SQL of payments. Every method works in the caller's transaction. */
final class Bookings {

  /** Writes an order down, after those that came before. */
  void enter(Connection tx, String orderId, String customerId, long customerNumber)
      throws SQLException {
    String sql =
        "INSERT INTO ledger (order_id, customer_id, customer_number) VALUES (?::uuid, ?, ?)";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, orderId);
      insert.setString(2, customerId);
      insert.setLong(3, customerNumber);
      insert.executeUpdate();
    }
  }

  /** Books a movement of money, or that there was none. */
  void book(Connection tx, String orderId, String customerId, long amountCents, String outcome)
      throws SQLException {
    String sql = "INSERT INTO charge (order_id, customer_id, amount_cents, outcome)"
        + " VALUES (?::uuid, ?, ?, ?)";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, orderId);
      insert.setString(2, customerId);
      insert.setLong(3, amountCents);
      insert.setString(4, outcome);
      insert.executeUpdate();
    }
  }

  /** Whether a charge of this order must not be made any more. */
  boolean isVoided(Connection tx, String orderId) throws SQLException {
    return number(
            tx,
            "SELECT count(*) FROM charge WHERE order_id = ?::uuid AND outcome = 'VOIDED'",
            orderId)
        > 0;
  }

  /** What was charged for this order and not given back. */
  long captured(Connection tx, String orderId) throws SQLException {
    return number(
        tx,
        "SELECT coalesce(sum(CASE outcome WHEN 'CAPTURED' THEN amount_cents"
            + " WHEN 'REFUNDED' THEN -amount_cents ELSE 0 END), 0)"
            + " FROM charge WHERE order_id = ?::uuid",
        orderId);
  }

  private static long number(Connection tx, String sql, String orderId) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setString(1, orderId);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
