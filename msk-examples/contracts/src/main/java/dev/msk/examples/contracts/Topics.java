package dev.msk.examples.contracts;

/**
 * Where events and commands go. The key of every one is the customer: a topic keeps the order of one
 * customer's events, and different customers are handled in parallel.
 */
public final class Topics {

  /** What happened in orders. Whoever wants reads it; payments does. */
  public static final String ORDERS = "shop.orders";

  /** What payments is told to do, by the sagas of orders. */
  public static final String CHARGES = "shop.charges";

  /** What payments answers. */
  public static final String PAYMENTS = "shop.payments";

  private Topics() {}
}
