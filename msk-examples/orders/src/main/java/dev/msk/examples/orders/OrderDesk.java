package dev.msk.examples.orders;

import dev.msk.core.Codec;
import dev.msk.core.jdbc.Transactor;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.messaging.Events;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.KeyReusedException;
import dev.msk.messaging.Outbox;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.SagaSnapshot;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes orders and shows them. Blocks while the database works. Thread-safe. */
final class OrderDesk {

  private static final Logger log = LoggerFactory.getLogger(OrderDesk.class);

  private final Transactor transactor;
  private final Inbox requests;
  private final Outbox outbox;
  private final Events events;
  private final Codec json;
  private final OrderTable orders;
  private final SagaCoordinator sagas;
  private final SagaDefinition<PlaceOrder.State> placeOrder;

  OrderDesk(
      Transactor transactor,
      Inbox requests,
      Outbox outbox,
      Events events,
      Codec json,
      OrderTable orders,
      SagaCoordinator sagas,
      SagaDefinition<PlaceOrder.State> placeOrder) {
    this.transactor = transactor;
    this.requests = requests;
    this.outbox = outbox;
    this.events = events;
    this.json = json;
    this.orders = orders;
    this.sagas = sagas;
    this.placeOrder = placeOrder;
  }

  /**
   * An order that was taken, now or when the same request came before.
   *
   * @param order as it was when it was taken
   * @param repeated whether this request is a repetition
   */
  record Taken(Order order, boolean repeated) {}

  /**
   * An order as it is now.
   *
   * @param order the order
   * @param reason why it was cancelled; null when it was not
   */
  record Shown(Order order, CancelReason reason) {}

  /**
   * Takes an order: the order, its event, its saga and the answer to the request are committed
   * together, or nothing is.
   *
   * @throws KeyReusedException when the customer's key came before with another order
   */
  Taken place(String customerId, String idempotencyKey, NewOrder wanted) throws Exception {
    Inbox.Request request =
        new Inbox.Request("POST /orders of " + customerId, idempotencyKey, json.encode(wanted));
    Inbox.Answer answer = transactor.call(tx -> {
      limitWaiting(tx);
      return requests.answer(tx, request, t -> json.encode(accept(t, customerId, wanted)));
    });
    Taken taken = new Taken(json.decode(answer.body(), Order.class), answer.repeated());
    if (!taken.repeated()) {
      Order order = taken.order();
      log.info("Order {} accepted: {} of {}", order.id(), order.quantity(), order.sku());
    }
    return taken;
  }

  Optional<Shown> find(String customerId, UUID id) {
    return transactor
        .call(tx -> orders.find(tx, customerId, id))
        .map(order -> new Shown(order, reason(order)));
  }

  private CancelReason reason(Order order) {
    if (order.status() != Order.Status.CANCELLED) {
      return null;
    }
    return CancelReason.of(
        sagas.find(PlaceOrder.NAME, order.id()).flatMap(SagaSnapshot::error).orElse(""));
  }

  private Order accept(Connection tx, String customerId, NewOrder wanted) throws SQLException {
    Order order = orders.accept(tx, customerId, wanted);
    OrderAccepted payload = new OrderAccepted(
        order.id(),
        order.customerId(),
        order.customerNumber(),
        order.sku(),
        order.quantity(),
        order.amountCents());
    outbox.publish(tx, events.event(OrderAccepted.TYPE, order.customerId(), payload));
    sagas.start(tx, placeOrder, order.id(), PlaceOrder.State.of(order));
    return order;
  }

  /** A request behind another one with its key, or of its customer, waits this long and no longer. */
  private static void limitWaiting(Connection tx) throws SQLException {
    try (Statement set = tx.createStatement()) {
      set.execute("SET LOCAL lock_timeout = '5s'");
    }
  }
}
