package dev.msk.examples.orders;

import dev.msk.examples.inventory.InventoryMain;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** Inventory in a process of its own, which can be killed, with a database of its own. */
final class RunningInventory implements AutoCloseable {

  private final String database;
  private final ChildProcess process;

  private RunningInventory(String database, ChildProcess process) {
    this.database = database;
    this.process = process;
  }

  static RunningInventory start(
      Trust trust, PostgresServer postgres, EurekaServer eureka, String stock) {
    String database = postgres.newDatabase();
    return new RunningInventory(
        database,
        ChildProcess.builder("inventory")
            .main(InventoryMain.class.getName())
            .jvmArgs("-Xmx128m", "-XX:TieredStopAtLevel=1")
            .env("GRPC_PORT", "0")
            .env("MANAGEMENT_PORT", "0")
            .env("TLS_FOLDER", trust.identity("inventory").toString())
            .env("DB_URL", database)
            .env("EUREKA_URL", eureka.url().toString())
            .env("DRAIN", "PT0S")
            .env("STOCK", stock)
            .startTimeout(Duration.ofSeconds(90))
            .readyWhenLog(line -> line.contains("inventory: ready on "))
            .start());
  }

  void kill() {
    process.kill();
  }

  void restart() {
    process.restart();
  }

  /** RESERVED, SOLD or RELEASED; empty when the order is not known. */
  String reservation(String orderId) {
    return query("SELECT state FROM reservation WHERE order_id = ?", orderId);
  }

  /** Pieces available, reserved and sold. */
  String stock(String sku) {
    return query(
        "SELECT available || ' ' || reserved || ' ' || sold FROM stock WHERE sku = ?", sku);
  }

  private String query(String sql, String parameter) {
    try (Connection connection = DriverManager.getConnection(database);
        PreparedStatement select = connection.prepareStatement(sql)) {
      select.setString(1, parameter);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getString(1) : "";
      }
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
