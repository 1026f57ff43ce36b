package dev.msk.examples.contracts;

/**
 * Nothing is charged for an order, and nothing will be.
 *
 * @param orderId the order's
 * @param customerId who got the money; the key of the event
 * @param amountCents how much, 0 when nothing had been charged
 */
public record PaymentRefunded(String orderId, String customerId, long amountCents) {

  /** The type of the event. */
  public static final String TYPE = "payment.refunded";
}
