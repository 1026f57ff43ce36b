package dev.msk.examples.orders;

import static dev.msk.examples.orders.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.examples.chassis.Environment;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that cannot be put together leaves nothing open. */
@WithServers
class OrdersAssemblyTest {

  @TempDir
  private Path folder;

  @Test
  void takenPortOfManagement_leavesNeitherConnectionsNorThreads(PostgresServer postgres)
      throws Exception {
    Set<Thread> before = threads();
    String database = postgres.newDatabase();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());

      assertThatThrownBy(() -> start(database, Map.of("MANAGEMENT_PORT", port)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("MANAGEMENT_PORT: " + port + " (expected: a free one): ");
    }
    eventually("no connection is left", () -> connections(database) == 1);
    eventually("no thread is left", () -> before.containsAll(threads()));
  }

  @Test
  void takenPort_leavesNeitherConnectionsNorThreads(PostgresServer postgres) throws Exception {
    Set<Thread> before = threads();
    String database = postgres.newDatabase();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());

      assertThatThrownBy(() -> start(database, Map.of("HTTP_PORT", port)))
          .cause()
          .hasMessageStartingWith("HTTP_PORT: " + port + " (expected: a free one): ");
    }
    eventually("no connection is left", () -> connections(database) == 1);
    eventually("no thread is left", () -> before.containsAll(threads()));
  }

  private void start(String database, Map<String, String> changes) {
    try (Trust trust = new Trust(folder)) {
      Map<String, String> environment = new HashMap<>(Map.of(
          "HTTP_PORT", "0",
          "MANAGEMENT_PORT", "0",
          "TLS_FOLDER", trust.identity("orders").toString(),
          "TOKEN_ISSUER", trust.idp().issuer(),
          "DB_URL", database,
          "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
          "EUREKA_URL", "http://127.0.0.1:1/eureka"));
      environment.putAll(changes);
      OrdersService.start(Settings.of(Environment.of(environment))).close();
    }
  }

  /** Those of the service and of what it runs. */
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("(orders|msk|vert\\.x|kafka|grpc)-.*"))
        .collect(Collectors.toSet());
  }

  /** Ours included. */
  private static long connections(String database) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND backend_type = 'client backend'")) {
      row.next();
      return row.getLong(1);
    }
  }
}
