package dev.msk.examples.contracts;

/**
 * An order was accepted and waits for its payment.
 *
 * @param orderId a UUID
 * @param customerId who pays; the key of the event
 * @param customerNumber counts the orders of this customer, without a gap: 1, 2, 3. Whoever sees them
 *     in another order has lost the order of events
 * @param sku what is bought
 * @param quantity how many, 1 or more
 * @param amountCents what is paid for all of them, 1 or more
 */
public record OrderAccepted(
    String orderId,
    String customerId,
    long customerNumber,
    String sku,
    int quantity,
    long amountCents) {

  /** The type of the event. A name of the domain: it outlives every class. */
  public static final String TYPE = "order.accepted";
}
