package dev.msk.examples.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process itself: how it fails, and how it ends. */
@WithServers
class PaymentsProcessTest {

  @TempDir
  private Path folder;

  @Test
  void wrongSetting_isOneLineAndCode2() {
    assertThatThrownBy(() -> process().env("LIMIT_CENTS", "-1").start())
        .hasMessageContaining("ended with code 2")
        .hasMessageContaining("payments: LIMIT_CENTS: -1 (expected: a whole number, 0 to ");
  }

  @Test
  void databaseThatIsNotThere_isOneLineAndCode1() {
    assertThatThrownBy(
            () -> process().env("DB_URL", "jdbc:postgresql://127.0.0.1:1/x").start())
        .hasMessageContaining("ended with code 1")
        .hasMessageContaining("payments: DB_URL: jdbc:postgresql://127.0.0.1:1/x (expected: ");
  }

  @Test
  void portThatIsTaken_isOneLineAndCode1(PostgresServer postgres) throws Exception {
    Path log = folder.resolve("payments.log");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> process()
              .env("DB_URL", postgres.newDatabase())
              .env("MANAGEMENT_PORT", String.valueOf(taken.getLocalPort()))
              .log(log)
              .start())
          .hasMessageContaining("ended with code 1")
          .hasMessageContaining("its port is taken");

      assertThat(Files.readAllLines(log))
          .filteredOn(line -> line.startsWith("payments: "))
          .singleElement()
          .asString()
          .startsWith(
              "payments: MANAGEMENT_PORT: " + taken.getLocalPort() + " (expected: a free one): ");
    }
  }

  @Test
  void sigterm_givesTheLeasesBack(PostgresServer postgres, KafkaServer kafka) throws Exception {
    String database = postgres.newDatabase();
    ChildProcess payments = process()
        .env("DB_URL", database)
        .env("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers())
        .env("LEASE_TTL", "PT1H")
        .start();
    try (payments) {
      long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
      while (held(database) == 0) {
        assertThat(System.nanoTime() - end).as("no lease within a minute").isNegative();
        LockSupport.parkNanos(20_000_000);
      }

      payments.stop();

      assertThat(held(database)).isZero();
      assertThat(payments.exitCode()).isEqualTo(128 + 15);
      assertThat(Files.readString(payments.logFile()))
          .containsSubsequence(
              "drain of probes done",
              "stop of consumer done",
              "stop of relay done",
              "stop of database done",
              "payments: stopped in");
    }
  }

  private static ChildProcess.Builder process() {
    return ChildProcess.builder("payments")
        .main(PaymentsMain.class.getName())
        .jvmArgs("-Xmx128m", "-XX:TieredStopAtLevel=1")
        .env("MANAGEMENT_PORT", "0")
        .env("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        .startTimeout(Duration.ofSeconds(90))
        .readyWhenLog(line -> line.contains("payments: ready, management on http://127.0.0.1:"));
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
