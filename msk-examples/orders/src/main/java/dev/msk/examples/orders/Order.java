package dev.msk.examples.orders;

/**
 * An order as the API shows it.
 *
 * @param id a UUID
 * @param customerId who buys
 * @param customerNumber the customer's first order has 1, the next 2
 * @param sku what is bought
 * @param quantity how many
 * @param amountCents what is paid for all of them
 * @param status where it is
 */
record Order(
    String id,
    String customerId,
    long customerNumber,
    String sku,
    int quantity,
    long amountCents,
    Status status) {

  /** ACCEPTED, then PENDING while {@link PlaceOrder} runs; PAID or CANCELLED for good. */
  enum Status {
    ACCEPTED,
    PENDING,
    PAID,
    CANCELLED
  }
}
