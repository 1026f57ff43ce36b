package dev.msk.examples.payments;

import dev.msk.examples.chassis.ServiceMain;

/** The process. See {@link Settings} for the environment. */
public final class PaymentsMain {

  private PaymentsMain() {}

  /**
   * Runs until SIGTERM.
   *
   * @param args none
   */
  public static void main(String[] args) {
    ServiceMain.run(
        "payments",
        environment -> PaymentsService.start(Settings.of(environment)).lifecycle());
  }
}
