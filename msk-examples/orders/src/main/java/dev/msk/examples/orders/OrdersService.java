package dev.msk.examples.orders;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.Codec;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.lifecycle.Lifecycle;
import dev.msk.core.lifecycle.Part;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.grpc.GrpcDiscovery;
import dev.msk.examples.chassis.Databases;
import dev.msk.examples.chassis.Identity;
import dev.msk.examples.chassis.Management;
import dev.msk.examples.chassis.Observability;
import dev.msk.examples.chassis.Registry;
import dev.msk.examples.chassis.Threads;
import dev.msk.examples.chassis.Tokens;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.examples.contracts.PaymentCaptured;
import dev.msk.examples.contracts.PaymentDeclined;
import dev.msk.examples.contracts.PaymentRefunded;
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
import dev.msk.observability.grpc.GrpcTelemetry;
import dev.msk.observability.health.DataSourceCheck;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.LivenessCheck;
import dev.msk.observability.http.HttpTelemetry;
import dev.msk.observability.messaging.RelayCheck;
import dev.msk.observability.saga.StuckSagas;
import dev.msk.observability.security.CertificateLife;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.SagaSchema;
import dev.msk.saga.jdbc.PostgresSagaStore;
import dev.msk.security.LiveTls;
import dev.msk.security.TlsIdentity;
import dev.msk.security.grpc.ClientSecurity;
import dev.msk.security.grpc.GrpcTls;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServer;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that runs in the process, put together by hand.
 *
 * <pre>
 * POST /orders ─> Door ─> OrderRoutes ─> OrderDesk ─┬─> orders        one transaction: the order,
 *                                                   ├─> msk_inbox     the memory of the request,
 *                                                   ├─> msk_outbox    the event
 *                                                   └─> msk_saga      and what is to become of it
 * SagaCoordinator <── msk_saga      takes the steps of PlaceOrder:
 *       ├─> orders                  open, confirm
 *       ├─> Stock ─> inventory      reserve, commit, by gRPC
 *       └─> msk_outbox              pay
 * OutboxRelay <── msk_outbox        sends events and commands to Kafka
 * EventConsumer ─> msk_inbox, msk_saga_reply      answers of payments
 * </pre>
 */
final class OrdersService implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OrdersService.class);

  /** Orders are placed by this many threads; each holds one connection at a time. */
  private static final int WORKERS = 8;

  /** Sagas that are worked on at once; a step holds a connection for the time of a commit. */
  private static final int SAGAS = 16;

  /** The workers', some for the sagas, three of the relay, two of leases, one each of consumer and probes. */
  private static final int CONNECTIONS = WORKERS + SAGAS / 2 + 7;

  private final Lifecycle lifecycle;
  private final HttpServer http;
  private final Management management;

  private OrdersService(Lifecycle lifecycle, HttpServer http, Management management) {
    this.lifecycle = lifecycle;
    this.http = http;
    this.management = management;
  }

  /**
   * Connects to the database, brings its schema up to date, and starts. A broker, a registry or an
   * inventory that is not there yet is waited for: orders are taken meanwhile.
   *
   * @throws IllegalArgumentException when the identity or a property of Kafka cannot be used
   * @throws RuntimeException when the database is not there or a port is taken; nothing is left open
   */
  static OrdersService start(Settings settings) {
    Lifecycle.Builder parts = Lifecycle.builder("orders");
    OrdersService service;
    try {
      service = assembled(settings, parts);
    } catch (RuntimeException e) {
      parts.build().close();
      throw e;
    }
    service.lifecycle.start();
    log.info(
        "orders: ready on https://{}:{}, management on {}",
        settings.host(),
        service.port(),
        service.managementUrl());
    return service;
  }

  /** What is open at once is a part at once; what is started is added at the end, in that order. */
  private static OrdersService assembled(Settings settings, Lifecycle.Builder parts) {
    Observability observability =
        Observability.start(settings.observability(), "orders", settings.owner());
    parts.part("telemetry", observability).telemetry(observability.telemetry());
    Telemetry telemetry = observability.telemetry();
    Threads threads = Threads.of("orders");
    parts.part("threads", threads);
    TlsIdentity identity = Identity.of(settings.tls(), threads.scheduler());
    parts.part("identity", identity);
    parts.part("certificate", CertificateLife.register(telemetry, "orders", identity));
    Tokens tokens = Tokens.of("orders", settings.tokens(), telemetry);
    parts.part("tokens", tokens);
    HikariDataSource database = Databases.connect(settings.database(), "orders", CONNECTIONS);
    parts.part("database", database);
    SchemaInstaller.of(database)
        .install(
            CoreSchema.scripts(),
            MessagingSchema.scripts(),
            SagaSchema.scripts(),
            OrdersService.schema());
    Registry registry = Registry.connect(settings.registry(), threads, telemetry);
    parts.part("registry", registry);
    Subscription resolver = GrpcDiscovery.of(registry.discovery()).register();
    parts.part("resolver", resolver::close);
    ManagedChannel inventory = inventory(identity, telemetry);
    parts.part("inventory", () -> inventory.shutdownNow().awaitTermination(5, TimeUnit.SECONDS));

    Codec json = JacksonCodec.of();
    Transactor transactor = Transactor.of(database);
    Leases leases =
        Leases.builder(database, settings.owner()).ttl(settings.leaseTtl()).build();
    KafkaTransport kafka = KafkaTransport.of(settings.kafka());
    Outbox outbox = Outbox.builder(PostgresOutboxStore.of(database), event -> topic(event.type()))
        .telemetry(telemetry)
        .build();
    OutboxRelay relay =
        OutboxRelay.builder(outbox, kafka, leases).telemetry(telemetry).build();

    OrderTable orders = new OrderTable();
    SagaDefinition<PlaceOrder.State> placeOrder =
        PlaceOrder.definition(orders, new Stock(inventory));
    SagaCoordinator sagas = SagaCoordinator.builder(
            transactor, PostgresSagaStore.of(), leases, threads.executor())
        .register(placeOrder)
        .commands(outbox, "/orders")
        .codec(json)
        .concurrency(SAGAS)
        .telemetry(telemetry)
        .build();
    EventConsumer payments = EventConsumer.builder(
            kafka,
            List.of(Topics.PAYMENTS),
            transactor,
            Inbox.of(PostgresInboxStore.of(database), "orders"))
        .handle(PaymentCaptured.TYPE, sagas.replies())
        .handle(PaymentDeclined.TYPE, sagas.replies())
        .handle(PaymentRefunded.TYPE, sagas.replies())
        .telemetry(telemetry)
        .build();
    OrderDesk desk = new OrderDesk(
        transactor,
        Inbox.of(PostgresInboxStore.of(database), "orders-requests"),
        outbox,
        Events.of("/orders", json),
        json,
        orders,
        sagas,
        placeOrder);

    Vertx vertx = Vertx.vertx();
    parts.part("vertx", () -> await(vertx.close()));
    Door door = new Door(tokens.verifier(), tokens.events(), HttpTelemetry.of(telemetry, "https"));
    HttpServer http = http(settings, vertx, identity, desk, door);
    HealthChecks checks = HealthChecks.builder(threads.scheduler(), threads.executor())
        .liveness(LivenessCheck.noDeadlock())
        .readiness("database", DataSourceCheck.of(database))
        .optional("relay", RelayCheck.of(relay))
        .build();
    Management management = Management.start(
        settings.management(), checks, observability.metrics(), threads.executor());
    parts.part("management", management);

    parts.part(
        "stuck sagas",
        StuckSagas.watch(sagas.admin(), telemetry, threads.scheduler(), threads.executor()));

    Lifecycle lifecycle = parts
        .part("relay", relay::start, relay::close)
        .part("sagas", sagas::start, sagas::close)
        .part("payments", payments::start, payments::close)
        .part(Part.named("http")
            .start(() -> listen(http, settings.port()))
            .stop(() -> await(http.shutdown(5, TimeUnit.SECONDS))))
        // Drained before HTTP ends: callers learn that this instance leaves while it still serves.
        .part(registry.registration(
            () -> Instance.builder("orders", settings.advertise(), http.actualPort())
                .tls(true)
                .build()))
        // Drained first of all: whoever asks is told at once that this instance is no longer ready.
        .part(Part.named("probes").start(checks::start).drain(checks::drain).stop(checks::close))
        .within(settings.registry().drain().plusSeconds(30))
        .build();
    return new OrdersService(lifecycle, http, management);
  }

  /** To whichever instances the registry knows, as long as each proves to be inventory. */
  private static ManagedChannel inventory(TlsIdentity identity, Telemetry telemetry) {
    return Grpc.newChannelBuilder("msk:///inventory", GrpcTls.channel(identity, "inventory"))
        .defaultLoadBalancingPolicy(GrpcDiscovery.POLICY)
        .intercept(ClientSecurity.forwarding(), GrpcTelemetry.of(telemetry).clientInterceptor())
        .build();
  }

  private static HttpServer http(
      Settings settings, Vertx vertx, TlsIdentity identity, OrderDesk desk, Door door) {
    WorkerExecutor workers = vertx.createSharedWorkerExecutor("orders-jdbc", WORKERS);
    return vertx
        .createHttpServer(VertxTls.server(LiveTls.context(identity, "clients"))
            .setHost(settings.host())
            .setPort(settings.port()))
        .requestHandler(new OrderRoutes(desk, door, workers).router(vertx));
  }

  /** The tables of this service, beside those of MSK. */
  static SchemaScripts schema() {
    return SchemaScripts.of("orders", OrdersService.class, "V001__orders.sql");
  }

  /** What happened is for everybody, commands are for payments. */
  private static String topic(String eventType) {
    return eventType.equals(OrderAccepted.TYPE) ? Topics.ORDERS : Topics.CHARGES;
  }

  int port() {
    return http.actualPort();
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  /** Where operators ask. */
  String managementUrl() {
    return management.url();
  }

  /**
   * Leaves the registry, takes no more requests, finishes those under way and the steps and events at
   * hand, gives leases and connections back.
   */
  @Override
  public void close() {
    lifecycle.close();
  }

  private static void listen(HttpServer http, int port) {
    try {
      await(http.listen());
    } catch (CompletionException e) {
      throw new IllegalStateException(
          "HTTP_PORT: " + port + " (expected: a free one): " + e.getCause().getMessage(), e);
    }
  }

  private static void await(Future<?> step) {
    step.toCompletionStage().toCompletableFuture().join();
  }
}
