package dev.msk.examples.orders;

import dev.msk.examples.chassis.Environment;
import dev.msk.examples.contracts.Topics;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The service on a new database, and the gateway as its client. */
final class RunningOrders implements AutoCloseable {

  /** Those that have the topics: test classes share them. */
  private static final Set<String> BROKERS = ConcurrentHashMap.newKeySet();

  private final Map<String, String> environment;
  private final Trust trust;
  private final OrdersService service;
  private final HttpClient gateway;

  private RunningOrders(Map<String, String> environment, Trust trust) {
    this.environment = environment;
    this.trust = trust;
    this.service = OrdersService.start(Settings.of(Environment.of(environment)));
    this.gateway = trust.caller(trust.identity("gateway"));
  }

  static RunningOrders start(
      Trust trust, PostgresServer postgres, KafkaServer kafka, EurekaServer eureka) {
    if (BROKERS.add(kafka.bootstrapServers())) {
      kafka.createTopic(Topics.ORDERS, 3);
      kafka.createTopic(Topics.CHARGES, 3);
      kafka.createTopic(Topics.PAYMENTS, 3);
    }
    Map<String, String> environment = new HashMap<>();
    environment.put("HTTP_PORT", "0");
    environment.put("MANAGEMENT_PORT", "0");
    environment.put("TLS_FOLDER", trust.identity("orders").toString());
    environment.put("TOKEN_ISSUER", trust.idp().issuer());
    environment.put("DB_URL", postgres.newDatabase());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
    environment.put("EUREKA_URL", eureka.url().toString());
    environment.put("EUREKA_REFRESH", "PT1S");
    environment.put("DRAIN", "PT0S");
    return new RunningOrders(environment, trust);
  }

  /** Another instance, which has seen no token yet. */
  RunningOrders another() {
    return new RunningOrders(environment, trust);
  }

  static String order(long amountCents) {
    return order("tea", 2, amountCents);
  }

  static String order(String sku, int quantity, long amountCents) {
    return "{\"sku\": \"%s\", \"quantity\": %d, \"amountCents\": %d}"
        .formatted(sku, quantity, amountCents);
  }

  HttpResponse<String> place(String customer, String key, String body) {
    return send(placing(key, body).header("Authorization", trust.token(customer)));
  }

  /** Without a token. */
  HttpRequest.Builder placing(String key, String body) {
    return request("/orders")
        .header("Idempotency-Key", key)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  HttpResponse<String> get(String customer, String path) {
    return send(request(path).header("Authorization", trust.token(customer)));
  }

  /** Without a token. */
  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port() + path))
        .timeout(Duration.ofMinutes(1));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return send(gateway, request);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static HttpResponse<String> send(HttpClient caller, HttpRequest.Builder request)
      throws IOException {
    try {
      return caller.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  long number(String sql) {
    return Long.parseLong(query(sql));
  }

  /** The first column of the first line; empty without a line. */
  String query(String sql) {
    try (Connection connection = DriverManager.getConnection(environment.get("DB_URL"));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  int port() {
    return service.port();
  }

  String managementUrl() {
    return service.managementUrl();
  }

  @Override
  public void close() {
    service.close();
  }
}
