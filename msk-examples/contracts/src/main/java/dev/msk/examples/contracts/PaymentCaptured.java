package dev.msk.examples.contracts;

/**
 * An order was paid.
 *
 * @param orderId the order's
 * @param customerId who paid; the key of the event
 * @param amountCents how much
 */
public record PaymentCaptured(String orderId, String customerId, long amountCents) {

  /** The type of the event. */
  public static final String TYPE = "payment.captured";
}
