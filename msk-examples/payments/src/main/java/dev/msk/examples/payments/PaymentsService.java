package dev.msk.examples.payments;

import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.Codec;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.core.jdbc.Transactor;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.examples.contracts.Topics;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.Events;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * Everything that runs in the process, put together by hand.
 *
 * <pre>
 * Kafka ─> EventConsumer ─> Cashier ─┬─> msk_inbox        one transaction:
 *                                    ├─> ledger, charge   the memory of the event, the charge,
 *                                    └─> msk_outbox       and the answer
 *          OutboxRelay <── msk_outbox        sends payment.captured, payment.declined to Kafka
 * </pre>
 */
final class PaymentsService implements AutoCloseable {

  /** Three of the relay and its leases, one of the consumer, one to spare. */
  private static final int CONNECTIONS = 5;

  private final HikariDataSource database;
  private final HttpServer http;
  private final OutboxRelay relay;
  private final EventConsumer orders;

  private PaymentsService(Settings settings, HikariDataSource database, HttpServer http) {
    this.database = database;
    this.http = http;
    SchemaInstaller.of(database)
        .install(CoreSchema.scripts(), MessagingSchema.scripts(), PaymentsService.schema());

    Codec json = JacksonCodec.of();
    KafkaTransport kafka = KafkaTransport.of(settings.kafka());

    Outbox outbox = Outbox.builder(PostgresOutboxStore.of(database), event -> Topics.PAYMENTS)
        .build();
    Leases leases =
        Leases.builder(database, settings.owner()).ttl(settings.leaseTtl()).build();
    this.relay = OutboxRelay.builder(outbox, kafka, leases).build();

    Cashier cashier =
        new Cashier(outbox, Events.of("/payments", json), json, settings.limitCents());
    Inbox inbox = Inbox.of(PostgresInboxStore.of(database), "payments");
    this.orders = EventConsumer.builder(
            kafka, List.of(Topics.ORDERS), Transactor.of(database), inbox)
        .handle(OrderAccepted.TYPE, cashier::charge)
        .build();
  }

  /**
   * Connects to the database, brings its schema up to date, and starts. A broker that is not there
   * yet is waited for.
   *
   * @throws IllegalArgumentException when a setting is wrong
   * @throws IllegalStateException when the database is not there or the port is taken
   */
  static PaymentsService start(Settings settings) {
    HttpServer http = listen(settings);
    HikariDataSource database = null;
    try {
      database = connect(settings);
      PaymentsService service = new PaymentsService(settings, database, http);
      service.relay.start();
      service.orders.start();
      http.start();
      return service;
    } catch (RuntimeException e) {
      http.stop(0);
      if (database != null) {
        database.close();
      }
      throw e;
    }
  }

  /** The tables of this service, beside those of MSK. */
  static SchemaScripts schema() {
    return SchemaScripts.of("payments", PaymentsService.class, "V001__payments.sql");
  }

  int port() {
    return http.getAddress().getPort();
  }

  DataSource database() {
    return database;
  }

  /** Finishes the events at hand and the answers to them, gives leases and connections back. */
  @Override
  public void close() {
    orders.close();
    relay.close();
    http.stop(0);
    database.close();
  }

  /** Only {@code GET /health}, which says that the process lives: the JDK's own server will do. */
  private static HttpServer listen(Settings settings) {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 0);
      byte[] up = "{\"status\":\"UP\"}".getBytes(StandardCharsets.UTF_8);
      http.createContext("/health", request -> {
        try (request) {
          request.getResponseHeaders().add("content-type", "application/json");
          request.sendResponseHeaders(200, up.length);
          request.getResponseBody().write(up);
        }
      });
      return http;
    } catch (IOException e) {
      throw new IllegalStateException(
          "HTTP_PORT: " + settings.port() + " (expected: a free one): " + e.getMessage(), e);
    }
  }

  private static HikariDataSource connect(Settings settings) {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("payments");
    pool.setJdbcUrl(settings.databaseUrl());
    if (!settings.databaseUser().isEmpty()) {
      pool.setUsername(settings.databaseUser());
    }
    if (!settings.databasePassword().isEmpty()) {
      pool.setPassword(settings.databasePassword());
    }
    pool.setMaximumPoolSize(CONNECTIONS);
    pool.setConnectionTimeout(5_000);
    pool.setInitializationFailTimeout(-1);
    HikariDataSource database = new HikariDataSource(pool);
    try (Connection connection = database.getConnection()) {
      return database;
    } catch (SQLException e) {
      database.close();
      String reason = (e.getCause() == null ? e : e.getCause()).getMessage();
      throw new IllegalStateException(
          "DB_URL: " + settings.databaseUrl() + " (expected: a database that answers): " + reason,
          e);
    }
  }
}
