package dev.msk.benchmarks.observability;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Codec;
import dev.msk.core.Scope;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.Events;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpServerRoute;
import dev.msk.observability.http.HttpTelemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.slf4j.Logger;

/**
 * Takes orders over HTTP as the demo's service does: a row and its event in one transaction, a line in the log, the number as the answer.
 * Thread-safe.
 */
final class OrderServer implements AutoCloseable {

  static final String PATH = "/orders";
  static final int CREATED = 201;

  private static final int WORKERS = 8;
  private static final int BACKLOG = 1024;

  /** What is ordered. */
  record Order(String customer, String sku, int quantity, long amountCents) {}

  /** The answer. */
  record Accepted(long number) {}

  private final Codec json = JacksonCodec.of();
  private final Events events = Events.of(PATH, json);
  private final JdkHeaders headers = new JdkHeaders();
  private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
  private final HttpServer http;
  private final HttpServerRoute route;
  private final Transactor transactor;
  private final Outbox outbox;
  private final Logger log;

  private OrderServer(HttpServer http, DataSource database, Telemetry telemetry, Logger log) {
    this.http = http;
    this.route = HttpTelemetry.of(telemetry, "http").server("POST", PATH);
    this.transactor = Transactor.of(database);
    this.outbox = Outbox.builder(PostgresOutboxStore.of(database), event -> "orders")
        .telemetry(telemetry)
        .build();
    this.log = log;
  }

  static OrderServer start(DataSource database, Telemetry telemetry, Logger log)
      throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    OrderServer server = new OrderServer(http, database, telemetry, log);
    http.setExecutor(server.workers);
    http.createContext(PATH, server::take);
    http.start();
    return server;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + PATH);
  }

  /** The answer leaves when all has been reported. */
  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] answer = answer(exchange);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(CREATED, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private byte[] answer(HttpExchange exchange) throws IOException {
    try (HttpOperation request = route.start(PATH, exchange.getRequestHeaders(), headers);
        Scope scope = request.makeCurrent()) {
      Order order = json.decode(exchange.getRequestBody().readAllBytes(), Order.class);
      long number = transactor.call(tx -> accept(tx, order));
      log.info("Order {} of {} accepted", number, order.customer());
      request.status(CREATED);
      return json.encode(new Accepted(number));
    }
  }

  private long accept(Connection tx, Order order) throws SQLException {
    long number = insert(tx, order);
    outbox.publish(tx, events.event("order.accepted", order.customer(), order));
    return number;
  }

  private static long insert(Connection tx, Order order) throws SQLException {
    String sql =
        "INSERT INTO shop_order (customer, sku, quantity, amount_cents) VALUES (?, ?, ?, ?)"
            + " RETURNING number";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, order.customer());
      insert.setString(2, order.sku());
      insert.setInt(3, order.quantity());
      insert.setLong(4, order.amountCents());
      try (ResultSet row = insert.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  @Override
  public void close() {
    http.stop(0);
    workers.shutdownNow();
  }
}
