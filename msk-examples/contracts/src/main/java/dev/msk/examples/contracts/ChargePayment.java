package dev.msk.examples.contracts;

/**
 * Tells payments to charge an order. The answer is {@link PaymentCaptured} or {@link
 * PaymentDeclined}, the same one however often the command comes.
 *
 * @param orderId the order's
 * @param customerId who pays; the key of the command
 * @param amountCents how much, 1 or more
 */
public record ChargePayment(String orderId, String customerId, long amountCents) {

  /** The type of the command. */
  public static final String TYPE = "payment.charge";
}
