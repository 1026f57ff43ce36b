package dev.msk.examples.springboot;

import dev.msk.messaging.Events;
import dev.msk.messaging.Outbox;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
class OrderService {

  /** Of everything. */
  private static final int STOCK = 100;

  private final Orders orders;
  private final Outbox outbox;
  private final Events events;

  OrderService(Orders orders, Outbox outbox, Events events) {
    this.orders = orders;
    this.outbox = outbox;
    this.events = events;
  }

  @Transactional
  void place(Order order) {
    orders.save(order);
    OrderPlaced placed = new OrderPlaced(order.id(), order.sku(), order.quantity());
    outbox.publish(events.event("order.placed", order.id(), placed));
    if (order.quantity() > STOCK) {
      throw new OutOfStockException(order.sku(), order.quantity(), STOCK);
    }
  } // the row and the event, or neither
}
