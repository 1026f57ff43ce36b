package dev.msk.examples.contracts;

/**
 * Tells payments to undo a {@link ChargePayment}. The answer is {@link PaymentRefunded}, also when
 * nothing was charged; a charge that comes later is declined.
 *
 * @param orderId the order's
 * @param customerId who gets the money; the key of the command
 */
public record RefundPayment(String orderId, String customerId) {

  /** The type of the command. */
  public static final String TYPE = "payment.refund";
}
