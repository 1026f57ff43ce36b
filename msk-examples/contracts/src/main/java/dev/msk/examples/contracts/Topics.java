package dev.msk.examples.contracts;

/**
 * Where events go. The key of every event is the customer: a topic keeps the order of one customer's
 * events, and different customers are handled in parallel.
 */
public final class Topics {

  /** What orders publishes and payments reads. */
  public static final String ORDERS = "shop.orders";

  /** What payments publishes and orders reads. */
  public static final String PAYMENTS = "shop.payments";

  private Topics() {}
}
