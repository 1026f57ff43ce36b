package dev.msk.examples.inventory;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Optional;
import java.util.UUID;

/** The SQL of reservations. Every method works in the caller's transaction. */
final class ReservationTable {

  /**
   * Inserts the first line of an order, unless there is one. Waits for a transaction that is inserting
   * the same line, and knows then whether it committed.
   *
   * @return the new line, or empty when there is one
   */
  Optional<Reservation> insert(
      Connection tx, String orderId, String sku, int quantity, ReservationState state, String key)
      throws SQLException {
    String sql = "INSERT INTO reservation (order_id, sku, quantity, state, step_key)"
        + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (order_id) DO NOTHING RETURNING id";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, orderId);
      if (sku.isEmpty()) {
        insert.setNull(2, Types.VARCHAR);
        insert.setNull(3, Types.INTEGER);
      } else {
        insert.setString(2, sku);
        insert.setInt(3, quantity);
      }
      insert.setString(4, state.name());
      insert.setString(5, key);
      try (ResultSet row = insert.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Reservation(orderId, row.getObject(1, UUID.class), sku, quantity, state))
            : Optional.empty();
      }
    }
  }

  /** The order's line, locked until the commit. */
  Optional<Reservation> lock(Connection tx, String orderId) throws SQLException {
    String sql = "SELECT id, sku, quantity, state FROM reservation WHERE order_id = ? FOR UPDATE";
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setString(1, orderId);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String sku = row.getString("sku");
        return Optional.of(new Reservation(
            orderId,
            row.getObject("id", UUID.class),
            sku == null ? "" : sku,
            row.getInt("quantity"),
            ReservationState.valueOf(row.getString("state"))));
      }
    }
  }

  /** Changes the state of a line that is locked. */
  void change(Connection tx, String orderId, ReservationState state, String key)
      throws SQLException {
    String sql = "UPDATE reservation SET state = ?, step_key = ?, changed_at = clock_timestamp()"
        + " WHERE order_id = ?";
    try (PreparedStatement update = tx.prepareStatement(sql)) {
      update.setString(1, state.name());
      update.setString(2, key);
      update.setString(3, orderId);
      update.executeUpdate();
    }
  }
}
