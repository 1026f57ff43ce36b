package dev.msk.examples.orders;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.Codec;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.core.jdbc.Transactor;
import dev.msk.examples.contracts.PaymentCaptured;
import dev.msk.examples.contracts.PaymentDeclined;
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
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Everything that runs in the process, put together by hand.
 *
 * <pre>
 * POST /orders ─> OrderRoutes ─> OrderDesk ─┬─> orders         one transaction:
 *                                           ├─> msk_inbox      the order, the memory of the request,
 *                                           └─> msk_outbox     and the event
 *                 OutboxRelay  <── msk_outbox      sends order.accepted to Kafka
 *                 EventConsumer ─┬─> msk_inbox     payment.captured, payment.declined
 *                                └─> orders        becomes PAID or DECLINED
 * </pre>
 */
final class OrdersService implements AutoCloseable {

  /** Orders are placed by this many threads; each holds one connection at a time. */
  private static final int WORKERS = 8;

  /** The workers', three of the relay and its leases, one of the consumer. */
  private static final int CONNECTIONS = WORKERS + 4;

  private final HikariDataSource database;
  private final OutboxRelay relay;
  private final EventConsumer payments;
  private final Vertx vertx;
  private final HttpServer http;

  private OrdersService(Settings settings, HikariDataSource database) {
    this.database = database;
    SchemaInstaller.of(database)
        .install(CoreSchema.scripts(), MessagingSchema.scripts(), OrdersService.schema());

    Codec json = JacksonCodec.of();
    Transactor transactor = Transactor.of(database);
    KafkaTransport kafka = KafkaTransport.of(settings.kafka());
    OrderTable orders = new OrderTable();

    Outbox outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> Topics.ORDERS).build();
    Leases leases =
        Leases.builder(database, settings.owner()).ttl(settings.leaseTtl()).build();
    this.relay = OutboxRelay.builder(outbox, kafka, leases).build();

    Inbox inbox = Inbox.of(PostgresInboxStore.of(database), "orders");
    this.payments = EventConsumer.builder(kafka, List.of(Topics.PAYMENTS), transactor, inbox)
        .handle(PaymentCaptured.TYPE, (tx, event) -> {
          PaymentCaptured payment = event.data(json, PaymentCaptured.class);
          orders.settle(tx, payment.orderId(), Order.Status.PAID);
        })
        .handle(PaymentDeclined.TYPE, (tx, event) -> {
          PaymentDeclined payment = event.data(json, PaymentDeclined.class);
          orders.settle(tx, payment.orderId(), Order.Status.DECLINED);
        })
        .build();

    OrderDesk desk = new OrderDesk(
        transactor,
        Inbox.of(PostgresInboxStore.of(database), "orders-requests"),
        outbox,
        Events.of("/orders", json),
        json,
        orders);

    this.vertx = Vertx.vertx();
    WorkerExecutor workers = vertx.createSharedWorkerExecutor("orders-jdbc", WORKERS);
    this.http = vertx
        .createHttpServer(new HttpServerOptions().setHost(settings.host()).setPort(settings.port()))
        .requestHandler(new OrderRoutes(desk, workers).router(vertx));
  }

  /**
   * Connects to the database, brings its schema up to date, and starts. A broker that is not there
   * yet is waited for: orders are taken meanwhile.
   *
   * @throws IllegalArgumentException when a setting is wrong
   * @throws IllegalStateException when the database is not there or the port is taken
   */
  static OrdersService start(Settings settings) {
    HikariDataSource database = connect(settings);
    OrdersService service = null;
    try {
      service = new OrdersService(settings, database);
      service.relay.start();
      service.payments.start();
      service.http.listen().toCompletionStage().toCompletableFuture().join();
      return service;
    } catch (CompletionException e) {
      service.close();
      throw new IllegalStateException(
          "HTTP_PORT: " + settings.port() + " (expected: a free one): "
              + e.getCause().getMessage(),
          e);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** The tables of this service, beside those of MSK. */
  static SchemaScripts schema() {
    return SchemaScripts.of("orders", OrdersService.class, "V001__orders.sql");
  }

  int port() {
    return http.actualPort();
  }

  DataSource database() {
    return database;
  }

  /**
   * Takes no more requests, finishes those under way and the events at hand, gives leases and
   * connections back.
   */
  @Override
  public void close() {
    http.shutdown(5, TimeUnit.SECONDS).toCompletionStage().toCompletableFuture().join();
    payments.close();
    relay.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    database.close();
  }

  private static HikariDataSource connect(Settings settings) {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("orders");
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
