package dev.msk.examples.payments;

import dev.msk.core.Codec;
import dev.msk.examples.contracts.ChargePayment;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.examples.contracts.PaymentCaptured;
import dev.msk.examples.contracts.PaymentDeclined;
import dev.msk.examples.contracts.PaymentRefunded;
import dev.msk.examples.contracts.RefundPayment;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Outbox;
import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enters orders into the ledger, charges them, and takes charges back.
 *
 * <p>Everything runs in the inbox's transaction: what is booked, the answer and the memory that this
 * event was handled are committed together. A delivery that comes twice never gets here. The commands
 * of a customer come in the order in which they were given. The log says what is about to be committed.
 */
final class Cashier {

  private static final Logger log = LoggerFactory.getLogger(Cashier.class);

  private final Outbox outbox;
  private final Events events;
  private final Codec json;
  private final Bookings bookings;
  private final long limitCents;

  Cashier(Outbox outbox, Events events, Codec json, Bookings bookings, long limitCents) {
    this.outbox = outbox;
    this.events = events;
    this.json = json;
    this.bookings = bookings;
    this.limitCents = limitCents;
  }

  void enter(Connection tx, EventEnvelope event) throws SQLException {
    OrderAccepted order = event.data(json, OrderAccepted.class);
    bookings.enter(tx, order.orderId(), order.customerId(), order.customerNumber());
  }

  void charge(Connection tx, EventEnvelope command) throws SQLException {
    ChargePayment charge = command.data(json, ChargePayment.class);
    if (bookings.isVoided(tx, charge.orderId())) {
      decline(tx, command, charge, "orderId: " + charge.orderId() + " was cancelled");
    } else if (charge.amountCents() > limitCents) {
      decline(
          tx,
          command,
          charge,
          "amountCents: " + charge.amountCents() + " (expected: <= " + limitCents + ")");
    } else {
      log.info("Capturing {} cents for order {}", charge.amountCents(), charge.orderId());
      bookings.book(tx, charge.orderId(), charge.customerId(), charge.amountCents(), "CAPTURED");
      answer(
          tx,
          command,
          PaymentCaptured.TYPE,
          charge.customerId(),
          new PaymentCaptured(charge.orderId(), charge.customerId(), charge.amountCents()));
    }
  }

  /** Undoes a charge; when there is none, sees to it that none is made later. */
  void refund(Connection tx, EventEnvelope command) throws SQLException {
    RefundPayment refund = command.data(json, RefundPayment.class);
    long captured = bookings.captured(tx, refund.orderId());
    String outcome = captured > 0 ? "REFUNDED" : "VOIDED";
    log.info("Refunding {} cents for order {}", captured, refund.orderId());
    bookings.book(tx, refund.orderId(), refund.customerId(), captured, outcome);
    answer(
        tx,
        command,
        PaymentRefunded.TYPE,
        refund.customerId(),
        new PaymentRefunded(refund.orderId(), refund.customerId(), captured));
  }

  private void decline(Connection tx, EventEnvelope command, ChargePayment charge, String reason)
      throws SQLException {
    log.info("Declining to charge order {}: {}", charge.orderId(), reason);
    bookings.book(tx, charge.orderId(), charge.customerId(), charge.amountCents(), "DECLINED");
    answer(
        tx,
        command,
        PaymentDeclined.TYPE,
        charge.customerId(),
        new PaymentDeclined(charge.orderId(), charge.customerId(), reason));
  }

  private void answer(
      Connection tx, EventEnvelope cause, String type, String customerId, Object payload) {
    outbox.publish(tx, events.caused(cause, type, customerId, payload));
  }
}
