package dev.msk.examples.contracts;

/**
 * An order was not paid, and will not be.
 *
 * @param orderId the order's
 * @param customerId who was to pay; the key of the event
 * @param reason for a person to read
 */
public record PaymentDeclined(String orderId, String customerId, String reason) {

  /** The type of the event. */
  public static final String TYPE = "payment.declined";
}
