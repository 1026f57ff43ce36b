package dev.msk.examples.inventory;

import dev.msk.examples.chassis.ServiceMain;

/** The process. See {@link Settings} for the environment. */
public final class InventoryMain {

  private InventoryMain() {}

  /**
   * Runs until SIGTERM.
   *
   * @param args none
   */
  public static void main(String[] args) {
    ServiceMain.run(
        "inventory",
        environment -> InventoryService.start(Settings.of(environment)).lifecycle());
  }
}
