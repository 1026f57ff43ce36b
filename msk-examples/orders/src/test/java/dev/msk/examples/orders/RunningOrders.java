package dev.msk.examples.orders;

import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** The service on a new database, and a client of it. */
final class RunningOrders implements AutoCloseable {

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final OrdersService service;

  private RunningOrders(OrdersService service) {
    this.service = service;
  }

  static RunningOrders start(PostgresServer postgres, KafkaServer kafka) {
    return new RunningOrders(OrdersService.start(Settings.of(Map.of(
        "HTTP_PORT", "0",
        "DB_URL", postgres.newDatabase(),
        "KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers()))));
  }

  static String order(String customer, long amountCents) {
    return """
        {"customerId": "%s", "sku": "tea", "quantity": 2, "amountCents": %d}""".formatted(customer, amountCents);
  }

  HttpResponse<String> place(String key, String body) {
    return send(request("/orders")
        .header("Idempotency-Key", key)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpResponse<String> get(String path) {
    return send(request(path));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  long number(String sql) {
    try (Connection connection = service.database().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  int port() {
    return service.port();
  }

  @Override
  public void close() {
    service.close();
  }
}
