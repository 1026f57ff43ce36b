package dev.msk.examples.inventory;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * The SQL of stock. Every method works in the caller's transaction, and moves pieces from one column to
 * another in one statement: it waits for whoever has the line, and sees what that one left.
 */
final class StockTable {

  /** Adds things that are not in stock yet; those that are stay as they are. */
  void addMissing(Connection tx, Map<String, Long> pieces) throws SQLException {
    String sql = "INSERT INTO stock (sku, available) VALUES (?, ?) ON CONFLICT (sku) DO NOTHING";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      for (Map.Entry<String, Long> thing : pieces.entrySet()) {
        insert.setString(1, thing.getKey());
        insert.setLong(2, thing.getValue());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  Optional<Stock> find(Connection tx, String sku) throws SQLException {
    String sql = "SELECT available, reserved, sold FROM stock WHERE sku = ?";
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setString(1, sku);
      try (ResultSet row = select.executeQuery()) {
        return row.next()
            ? Optional.of(new Stock(sku, row.getLong(1), row.getLong(2), row.getLong(3)))
            : Optional.empty();
      }
    }
  }

  /** Available to reserved; false when there are not as many, or no such thing. */
  boolean reserve(Connection tx, String sku, int quantity) throws SQLException {
    return move(tx, sku, -quantity, quantity, 0);
  }

  /** Reserved to available. */
  void release(Connection tx, String sku, int quantity) throws SQLException {
    require(move(tx, sku, quantity, -quantity, 0), sku);
  }

  /** Reserved to sold. */
  void sell(Connection tx, String sku, int quantity) throws SQLException {
    require(move(tx, sku, 0, -quantity, quantity), sku);
  }

  /** The three numbers add up to nothing. */
  private static boolean move(Connection tx, String sku, int available, int reserved, int sold)
      throws SQLException {
    String sql = "UPDATE stock"
        + " SET available = available + ?, reserved = reserved + ?, sold = sold + ?"
        + " WHERE sku = ? AND available + ? >= 0";
    try (PreparedStatement update = tx.prepareStatement(sql)) {
      update.setInt(1, available);
      update.setInt(2, reserved);
      update.setInt(3, sold);
      update.setString(4, sku);
      update.setInt(5, available);
      return update.executeUpdate() == 1;
    }
  }

  private static void require(boolean moved, String sku) {
    if (!moved) {
      throw new IllegalStateException("stock: no " + sku + " (expected: what was reserved)");
    }
  }
}
