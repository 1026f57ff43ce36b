package dev.msk.examples.orders;

import dev.msk.core.Codec;
import dev.msk.core.jdbc.Transactor;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.KeyReusedException;
import dev.msk.messaging.Outbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;

/** Takes orders and shows them. Blocks while the database works. Thread-safe. */
final class OrderDesk {

  private final Transactor transactor;
  private final Inbox requests;
  private final Outbox outbox;
  private final Events events;
  private final Codec json;
  private final OrderTable orders;

  OrderDesk(
      Transactor transactor,
      Inbox requests,
      Outbox outbox,
      Events events,
      Codec json,
      OrderTable orders) {
    this.transactor = transactor;
    this.requests = requests;
    this.outbox = outbox;
    this.events = events;
    this.json = json;
    this.orders = orders;
  }

  /**
   * An order that was taken, now or when the same request came before.
   *
   * @param order as it was when it was taken
   * @param repeated whether this request is a repetition
   */
  record Taken(Order order, boolean repeated) {}

  /**
   * Takes an order: the order, its event and the answer to the request are committed together, or
   * nothing is.
   *
   * @throws KeyReusedException when the key came before with another order
   */
  Taken place(String idempotencyKey, NewOrder wanted) throws Exception {
    // Where callers are known, their name belongs into the source: keys are theirs to choose.
    Inbox.Request request = new Inbox.Request("POST /orders", idempotencyKey, json.encode(wanted));
    Inbox.Answer answer = transactor.call(tx -> {
      limitWaiting(tx);
      return requests.answer(tx, request, t -> json.encode(accept(t, wanted)));
    });
    return new Taken(json.decode(answer.body(), Order.class), answer.repeated());
  }

  Optional<Order> find(UUID id) {
    return transactor.call(tx -> orders.find(tx, id));
  }

  private Order accept(Connection tx, NewOrder wanted) throws SQLException {
    Order order = orders.accept(tx, wanted);
    OrderAccepted payload = new OrderAccepted(
        order.id(),
        order.customerId(),
        order.customerNumber(),
        order.sku(),
        order.quantity(),
        order.amountCents());
    EventEnvelope event = events.event(OrderAccepted.TYPE, order.customerId(), payload);
    outbox.publish(tx, event);
    return order;
  }

  /** A request behind another one with its key, or of its customer, waits this long and no longer. */
  private static void limitWaiting(Connection tx) throws SQLException {
    try (Statement set = tx.createStatement()) {
      set.execute("SET LOCAL lock_timeout = '5s'");
    }
  }
}
