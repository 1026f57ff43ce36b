package dev.msk.examples.orders;

import dev.msk.examples.contracts.ChargePayment;
import dev.msk.examples.contracts.PaymentCaptured;
import dev.msk.examples.contracts.PaymentDeclined;
import dev.msk.examples.contracts.RefundPayment;
import dev.msk.saga.Command;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaDefinition;
import java.time.Duration;

/**
 * What becomes of an order, in five steps: it ends PAID with its pieces sold, or CANCELLED with the
 * stock and the customer's money as they were.
 *
 * <pre>
 * step     does                                              undone by
 * open     the order is PENDING               local          the order is CANCELLED
 * reserve  inventory keeps the pieces         gRPC           inventory releases them
 * pay      payments charges the customer      Kafka          payments refunds
 * confirm  the order is PAID                  local, pivot   never: from here on there is no way back
 * commit   inventory sells the pieces         gRPC           never: tried until it succeeds
 * </pre>
 */
final class PlaceOrder {

  /** The name that all versions share. */
  static final String NAME = "place-order";

  private PlaceOrder() {}

  /**
   * What the steps know.
   *
   * @param orderId the business key
   * @param customerId who buys
   * @param sku what
   * @param quantity how many
   * @param amountCents for all of them
   * @param reservationId of inventory, once there is one
   */
  record State(
      String orderId,
      String customerId,
      String sku,
      int quantity,
      long amountCents,
      String reservationId) {

    static State of(Order order) {
      return new State(
          order.id(), order.customerId(), order.sku(), order.quantity(), order.amountCents(), null);
    }

    State withReservation(String id) {
      return new State(orderId, customerId, sku, quantity, amountCents, id);
    }
  }

  static SagaDefinition<State> definition(OrderTable orders, Stock stock) {
    Retry patiently = Retry.forever(Duration.ofMillis(200), Duration.ofSeconds(5));
    return SagaDefinition.builder(NAME, 1, State.class)
        .deadline(Duration.ofMinutes(10))
        .step("open")
        .localRun((tx, order) ->
            orders.move(tx, order.orderId(), Order.Status.ACCEPTED, Order.Status.PENDING))
        .compensate((tx, order) ->
            orders.move(tx, order.orderId(), Order.Status.PENDING, Order.Status.CANCELLED))
        .step("reserve")
        .remoteOutcome(stock::reserve)
        .apply(State::withReservation)
        .timeout(Duration.ofSeconds(2))
        .retry(Retry.exponential(Duration.ofMillis(200), Duration.ofSeconds(1), 6))
        .compensate(stock::release)
        .retryCompensation(patiently)
        .step("pay")
        .command(
            order -> Command.of(
                ChargePayment.TYPE,
                order.customerId(),
                new ChargePayment(order.orderId(), order.customerId(), order.amountCents())),
            PaymentCaptured.class)
        .rejectOn(PaymentDeclined.TYPE)
        .timeout(Duration.ofSeconds(30))
        .compensate(order -> Command.of(
            RefundPayment.TYPE,
            order.customerId(),
            new RefundPayment(order.orderId(), order.customerId())))
        .retryCompensation(patiently)
        .pivot("confirm")
        .localRun((tx, order) ->
            orders.move(tx, order.orderId(), Order.Status.PENDING, Order.Status.PAID))
        .step("commit")
        .remoteRun(stock::commit)
        .timeout(Duration.ofSeconds(2))
        .retry(patiently)
        .build();
  }
}
