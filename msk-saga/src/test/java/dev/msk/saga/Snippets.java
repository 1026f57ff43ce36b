package dev.msk.saga;

import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.saga.jdbc.PostgresSagaStore;
import dev.msk.saga.testing.SagaTestKit;
import dev.msk.saga.testing.TestSaga;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The code of the README, compiled here and run by {@link ReadmeTest}. */
final class Snippets {

  record Capture(String order, int total) {}

  record Receipt(String id) {}

  // snippet: state
  record Order(
      String id, int total, @Nullable String hold, @Nullable String receipt) {

    Order withHold(String hold) {
      return new Order(id, total, hold, receipt);
    }

    Order withReceipt(Receipt receipt) {
      return new Order(id, total, hold, receipt.id());
    }
  }
  // end

  /** A client of another service, as there is one already. */
  interface Stock {
    String reserve(String idempotencyKey, String order, Duration timeout) throws Exception;

    void release(String idempotencyKey) throws Exception;
  }

  static final class SoldOutException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** A repository as a service has it already. */
  interface Orders {
    void insert(Connection tx, Order order) throws SQLException;

    void mark(Connection tx, String id, String status) throws SQLException;
  }

  private final DataSource dataSource;
  private final EventTransport transport;
  private final Executor executor;
  private final Stock stock;
  private final Orders orders;

  Snippets(
      DataSource dataSource,
      EventTransport transport,
      Executor executor,
      Stock stock,
      Orders orders) {
    this.dataSource = dataSource;
    this.transport = transport;
    this.executor = executor;
    this.stock = stock;
    this.orders = orders;
  }

  SagaDefinition<Order> define() {
    // snippet: define
    SagaDefinition<Order> placeOrder = SagaDefinition.builder("place-order", 1, Order.class)
        .deadline(Duration.ofMinutes(10))
        .step("accept")
        .localRun((tx, order) -> orders.mark(tx, order.id(), "ACCEPTED"))
        .compensate((tx, order) -> orders.mark(tx, order.id(), "REFUSED"))
        .step("reserve")
        .remote((call, order) ->
            stock.reserve(call.idempotencyKey(), order.id(), call.deadline().remaining()))
        .apply(Order::withHold)
        .timeout(Duration.ofSeconds(2))
        .rejectOn(SoldOutException.class)
        .compensate((call, order) -> stock.release(call.idempotencyKey()))
        .step("pay")
        .command(
            order ->
                Command.of("payment.capture", order.id(), new Capture(order.id(), order.total())),
            Receipt.class)
        .apply(Order::withReceipt)
        .rejectOn("payment.declined")
        .compensate(order ->
            Command.of("payment.refund", order.id(), new Capture(order.id(), order.total())))
        .pivot("confirm")
        .localRun((tx, order) -> orders.mark(tx, order.id(), "CONFIRMED"))
        .build();
    // end
    return placeOrder;
  }

  SagaCoordinator coordinate(SagaDefinition<Order> placeOrder) {
    // snippet: coordinate
    SchemaInstaller.of(dataSource)
        .install(CoreSchema.scripts(), MessagingSchema.scripts(), SagaSchema.scripts());
    Transactor transactor = Transactor.of(dataSource);
    Outbox outbox =
        Outbox.builder(PostgresOutboxStore.of(dataSource), event -> "payments").build();
    SagaCoordinator sagas = SagaCoordinator.builder(
            transactor,
            PostgresSagaStore.of(),
            Leases.builder(dataSource, "orders-1").build(), // a name of its own for each process
            executor)
        .register(placeOrder)
        .commands(outbox, "/orders") // an OutboxRelay sends them
        .build()
        .start();
    // end
    return sagas;
  }

  EventConsumer answers(SagaCoordinator sagas) {
    // snippet: replies
    EventConsumer replies = EventConsumer.builder(
            transport,
            List.of("payment-replies"),
            Transactor.of(dataSource),
            Inbox.of(PostgresInboxStore.of(dataSource), "orders-sagas"))
        .handle("payment.captured", sagas.replies())
        .handle("payment.declined", sagas.replies())
        .handle("payment.refunded", sagas.replies())
        .build();
    // end
    return replies;
  }

  Optional<SagaSnapshot> begin(
      SagaCoordinator sagas, SagaDefinition<Order> placeOrder, Order order) {
    Transactor transactor = Transactor.of(dataSource);
    // snippet: start
    transactor.run(tx -> {
      orders.insert(tx, order);
      sagas.start(tx, placeOrder, order.id(), order);
    }); // both, or none

    Optional<SagaSnapshot> saga = sagas.find("place-order", order.id()); // for GET /orders/{id}
    // end
    return saga;
  }

  record Approval(boolean given) {}

  SagaDefinition<Order> await() {
    // snippet: await
    SagaDefinition<Order> returnOrder = SagaDefinition.builder("return-order", 1, Order.class)
        .lock(order -> "order:" + order.id(), OnBusy.WAIT)
        .step("cooling-off")
        .timer(Duration.ofHours(1))
        .step("approve")
        .await(Approval.class, Duration.ofDays(2))
        .rejectOn(approval -> !approval.given())
        .step("refund")
        .localRun((tx, order) -> orders.mark(tx, order.id(), "REFUNDED"))
        .withoutCompensation()
        .build();
    // end
    return returnOrder;
  }

  record Pick(String order, @Nullable String place) {}

  SagaDefinition<Order> prepare(SagaDefinition<Pick> pick, SagaDefinition<String> label) {
    // snippet: parallel
    SagaDefinition<Order> ship = SagaDefinition.builder("ship", 1, Order.class)
        .step("prepare")
        .parallel(
            Branch.<Order, Pick>of("pick", pick, order -> new Pick(order.id(), null))
                .apply((order, picked) -> order.withHold(picked.place())),
            Branch.of("label", label, Order::id))
        .step("hand-over")
        .localRun((tx, order) -> orders.mark(tx, order.id(), "SHIPPED"))
        .withoutCompensation()
        .build();
    // end
    return ship;
  }

  /** A state that a later version added to. */
  record Order2(String id, int total, @Nullable String hold, String depot) {}

  MigrationReport migrate(
      SagaCoordinator sagas, SagaDefinition<Order> placeOrder, SagaDefinition<Order2> placeOrder2) {
    // snippet: migrate
    MigrationReport report = sagas
        .admin()
        .migrate(
            SagaMigration.builder(
                    placeOrder,
                    placeOrder2,
                    order -> new Order2(order.id(), order.total(), order.hold(), "north"))
                .at("confirm", "confirm-stock") // who stands there and has not tried it
                .build(),
            "eve",
            "version 1 is taken out of service");
    // end
    return report;
  }

  static void tryOut(SagaDefinition<Order> placeOrder, Order order) {
    // snippet: test
    SagaTestKit kit = SagaTestKit.builder(placeOrder).build();
    TestSaga<Order> saga = kit.start(placeOrder, order.id(), order);
    kit.next(); // accept
    kit.crashBeforeCommit(); // the call is made, and then the node dies
    kit.next();
    kit.run(); // another one calls again, and goes on until somebody must answer
    saga.reply("pay", "payment.declined", "no money");
    kit.runToEnd(); // skips waits
    saga.assertStatus(SagaStatus.COMPENSATED).assertUndone("reserve", "accept");
    // end
  }

  void signal(SagaCoordinator sagas, Order order, Approval approval) {
    Transactor transactor = Transactor.of(dataSource);
    // snippet: signal
    transactor.run(tx -> sagas.signal(tx, "return-order", order.id(), "approve", approval));
    // end
  }
}
