package dev.msk.benchmarks.observability;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.benchmarks.SteadyCalls;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.localservers.PostgresServer;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.helpers.NOPLogger;

class RequestPathTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir
  Path folder;

  @Test
  void order_withTelemetry_isASpanAMeterAndALine_andItsEventHasTheTrace() throws Exception {
    Path file = folder.resolve("orders.jsonl");
    try (PostgresServer postgres = PostgresServer.builder().name("request-path").start();
        HikariDataSource database = RequestPath.database(postgres.newDatabase());
        SpanReceiver receiver = SpanReceiver.start()) {
      String metrics;
      try (TelemetryOn on = TelemetryOn.start(receiver.endpoint(), file);
          OrderServer server = OrderServer.start(database, on.telemetry(), on.log())) {
        new SteadyCalls(100, 1).run(new OrderCall(client, server.url()));
        metrics = on.scrape();
      }

      assertThat(receiver.bytes()).isPositive();
      assertThat(metrics)
          .contains("http_server_request_duration_seconds_count")
          .containsPattern("http_response_status_code=\"201\"[^\n]* 1\n");
      List<String> lines = Files.readAllLines(file);
      assertThat(lines).hasSize(1);
      JsonNode line = JSON.readTree(lines.get(0));
      assertThat(line.get("message").asText()).isEqualTo("Order 1 of customer-1 accepted");
      assertThat(line.get("trace.id").asText()).isEqualTo(OrderCall.caller(1).traceId());
      assertThat(count(database, "shop_order")).isEqualTo(1);
      assertThat(count(
              database,
              "msk_outbox o WHERE o::text LIKE '%" + OrderCall.caller(1).traceId() + "%'"))
          .isEqualTo(1);
    }
  }

  @Test
  void order_withoutTelemetry_isTheSameOrder_andItsEventHasNoTrace() throws Exception {
    try (PostgresServer postgres = PostgresServer.builder().name("request-path").start();
        HikariDataSource database = RequestPath.database(postgres.newDatabase());
        OrderServer server = OrderServer.start(database, Telemetry.noop(), NOPLogger.NOP_LOGGER)) {
      new SteadyCalls(100, 2).run(new OrderCall(client, server.url()));

      assertThat(count(database, "shop_order")).isEqualTo(2);
      assertThat(count(database, "msk_outbox o WHERE o::text LIKE '%traceparent%'"))
          .isZero();
      assertThat(count(database, "msk_outbox")).isEqualTo(2);
    }
  }

  private static long count(HikariDataSource database, String of) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement select = connection.createStatement();
        ResultSet row = select.executeQuery("SELECT count(*) FROM " + of)) {
      row.next();
      return row.getLong(1);
    }
  }
}
