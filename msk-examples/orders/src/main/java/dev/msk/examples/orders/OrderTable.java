package dev.msk.examples.orders;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/** The SQL of orders. Every method works in the caller's transaction. */
final class OrderTable {

  /**
   * Inserts an order. Locks the customer's row until the commit, so that the orders of a customer are
   * taken one after the other; that is also what keeps their events in order.
   */
  Order accept(Connection tx, String customerId, NewOrder wanted) throws SQLException {
    Order order = new Order(
        UUID.randomUUID().toString(),
        customerId,
        nextNumber(tx, customerId),
        wanted.sku(),
        wanted.quantity(),
        wanted.amountCents(),
        Order.Status.ACCEPTED);
    String sql = "INSERT INTO orders (id, customer_id, customer_number, sku, quantity,"
        + " amount_cents, status) VALUES (?::uuid, ?, ?, ?, ?, ?, ?)";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, order.id());
      insert.setString(2, order.customerId());
      insert.setLong(3, order.customerNumber());
      insert.setString(4, order.sku());
      insert.setInt(5, order.quantity());
      insert.setLong(6, order.amountCents());
      insert.setString(7, order.status().name());
      insert.executeUpdate();
    }
    return order;
  }

  /** An order of this customer; those of others are not there for it. */
  Optional<Order> find(Connection tx, String customerId, UUID id) throws SQLException {
    String sql = "SELECT customer_id, customer_number, sku, quantity, amount_cents, status"
        + " FROM orders WHERE id = ? AND customer_id = ?";
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setObject(1, id);
      select.setString(2, customerId);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        return Optional.of(new Order(
            id.toString(),
            row.getString("customer_id"),
            row.getLong("customer_number"),
            row.getString("sku"),
            row.getInt("quantity"),
            row.getLong("amount_cents"),
            Order.Status.valueOf(row.getString("status"))));
      }
    }
  }

  /**
   * Moves an order on.
   *
   * @throws IllegalStateException when it is not where it is said to be
   */
  void move(Connection tx, String id, Order.Status from, Order.Status to) throws SQLException {
    String sql = "UPDATE orders SET status = ?, moved_at = clock_timestamp()"
        + " WHERE id = ?::uuid AND status = ?";
    try (PreparedStatement update = tx.prepareStatement(sql)) {
      update.setString(1, to.name());
      update.setString(2, id);
      update.setString(3, from.name());
      if (update.executeUpdate() == 0) {
        throw new IllegalStateException(
            "orderId: " + id + " (expected: an order that is " + from + ")");
      }
    }
  }

  private static long nextNumber(Connection tx, String customerId) throws SQLException {
    String sql = "INSERT INTO customer (id, last_number) VALUES (?, 1)"
        + " ON CONFLICT (id) DO UPDATE SET last_number = customer.last_number + 1"
        + " RETURNING last_number";
    try (PreparedStatement draw = tx.prepareStatement(sql)) {
      draw.setString(1, customerId);
      try (ResultSet row = draw.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
