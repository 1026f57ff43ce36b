package dev.msk.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** The process itself: how it fails, and how it ends. */
@WithServers
class OrdersProcessTest {

  @Test
  void wrongSetting_isOneLineAndCode2() {
    assertThatThrownBy(() -> process().env("HTTP_PORT", "http").start())
        .hasMessageContaining("ended with code 2")
        .hasMessageContaining("orders: HTTP_PORT: http (expected: 0 to 65535)");
  }

  @Test
  void contradictionToWhatTheTransportPromises_isOneLineAndCode2(PostgresServer postgres) {
    assertThatThrownBy(() -> process()
            .env("DB_URL", postgres.newDatabase())
            .env("KAFKA_BOOTSTRAP_SERVERS", "localhost:1")
            .env("KAFKA_ACKS", "1")
            .start())
        .hasMessageContaining("ended with code 2")
        .hasMessageContaining("orders: acks: 1 (expected: all)");
  }

  @Test
  void databaseThatIsNotThere_isOneLineAndCode1() {
    assertThatThrownBy(
            () -> process().env("DB_URL", "jdbc:postgresql://127.0.0.1:1/x").start())
        .hasMessageContaining("ended with code 1")
        .hasMessageContaining("orders: DB_URL: jdbc:postgresql://127.0.0.1:1/x (expected: ");
  }

  @Test
  void portThatIsTaken_isOneLineAndCode1(PostgresServer postgres, KafkaServer kafka)
      throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> process()
              .env("DB_URL", postgres.newDatabase())
              .env("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers())
              .env("HTTP_PORT", String.valueOf(taken.getLocalPort()))
              .start())
          .hasMessageContaining("ended with code 1")
          .hasMessageContaining("its port is taken");
    }
  }

  @Test
  void sigterm_givesTheLeasesBack(PostgresServer postgres, KafkaServer kafka) throws Exception {
    String database = postgres.newDatabase();
    ChildProcess orders = process()
        .env("DB_URL", database)
        .env("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers())
        .env("LEASE_TTL", "PT1H")
        .env("HTTP_PORT", "0")
        .start();
    try (orders) {
      long end = System.nanoTime() + java.time.Duration.ofSeconds(20).toNanos();
      while (held(database) == 0) {
        assertThat(System.nanoTime() - end).as("no lease after 20 s").isNegative();
        Thread.onSpinWait();
      }

      orders.stop();

      assertThat(held(database)).isZero();
      assertThat(orders.exitCode()).isEqualTo(128 + 15);
    }
  }

  private static ChildProcess.Builder process() {
    return ChildProcess.builder("orders")
        .main(OrdersMain.class.getName())
        .jvmArgs("-Xmx128m", "-XX:TieredStopAtLevel=1")
        .readyWhenLog(line -> line.contains("orders: ready on http://127.0.0.1:"));
  }

  private static long held(String database) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "SELECT count(*) FROM msk_lease WHERE owner IS NOT NULL AND expires_at > now()")) {
      row.next();
      return row.getLong(1);
    }
  }
}
