package dev.msk.examples.gateway;

import dev.msk.examples.chassis.ServiceMain;

/** The process. */
public final class GatewayMain {

  private GatewayMain() {}

  /**
   * Runs until SIGTERM.
   *
   * @param args none; see {@link Settings} for the environment
   */
  public static void main(String[] args) {
    ServiceMain.run("gateway", GatewayService::start);
  }
}
