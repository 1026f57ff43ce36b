package dev.msk.examples.orders;

import dev.msk.examples.chassis.ServiceMain;

/** The process. See {@link Settings} for the environment. */
public final class OrdersMain {

  private OrdersMain() {}

  /**
   * Runs until SIGTERM.
   *
   * @param args none
   */
  public static void main(String[] args) {
    ServiceMain.run(
        "orders", environment -> OrdersService.start(Settings.of(environment)).lifecycle());
  }
}
