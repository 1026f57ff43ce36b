package dev.msk.examples.payments;

import dev.msk.core.Codec;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.examples.contracts.PaymentCaptured;
import dev.msk.examples.contracts.PaymentDeclined;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Outbox;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Charges an order, or declines it, and answers.
 *
 * <p>Runs in the inbox's transaction: the ledger's entry, the charge, the answer and the memory that
 * this event was handled are committed together. A delivery that comes twice never gets here.
 */
final class Cashier {

  private final Outbox outbox;
  private final Events events;
  private final Codec json;
  private final long limitCents;

  Cashier(Outbox outbox, Events events, Codec json, long limitCents) {
    this.outbox = outbox;
    this.events = events;
    this.json = json;
    this.limitCents = limitCents;
  }

  void charge(Connection tx, EventEnvelope event) throws SQLException {
    OrderAccepted order = event.data(json, OrderAccepted.class);
    enter(tx, order);
    if (order.amountCents() > limitCents) {
      book(tx, order, "DECLINED");
      String reason = "amountCents: " + order.amountCents() + " (expected: <= " + limitCents + ")";
      answer(
          tx,
          event,
          PaymentDeclined.TYPE,
          order.customerId(),
          new PaymentDeclined(order.orderId(), order.customerId(), reason));
    } else {
      book(tx, order, "CAPTURED");
      answer(
          tx,
          event,
          PaymentCaptured.TYPE,
          order.customerId(),
          new PaymentCaptured(order.orderId(), order.customerId(), order.amountCents()));
    }
  }

  private void answer(
      Connection tx, EventEnvelope cause, String type, String customerId, Object payload) {
    outbox.publish(tx, events.caused(cause, type, customerId, payload));
  }

  private static void enter(Connection tx, OrderAccepted order) throws SQLException {
    String sql =
        "INSERT INTO ledger (order_id, customer_id, customer_number) VALUES (?::uuid, ?, ?)";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, order.orderId());
      insert.setString(2, order.customerId());
      insert.setLong(3, order.customerNumber());
      insert.executeUpdate();
    }
  }

  private static void book(Connection tx, OrderAccepted order, String outcome) throws SQLException {
    String sql = "INSERT INTO charge (order_id, customer_id, amount_cents, outcome)"
        + " VALUES (?::uuid, ?, ?, ?)";
    try (PreparedStatement insert = tx.prepareStatement(sql)) {
      insert.setString(1, order.orderId());
      insert.setString(2, order.customerId());
      insert.setLong(3, order.amountCents());
      insert.setString(4, outcome);
      insert.executeUpdate();
    }
  }
}
