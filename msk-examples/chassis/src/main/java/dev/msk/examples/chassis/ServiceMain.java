package dev.msk.examples.chassis;

import dev.msk.core.lifecycle.Lifecycle;
import java.util.function.Function;

/**
 * The process of a service: settings from the environment, start, and an orderly end on SIGTERM.
 *
 * <p>Exit code 2 says that a setting is wrong, 1 that something it needs is not there; one line on
 * stderr says which.
 */
public final class ServiceMain {

  private ServiceMain() {}

  /**
   * Starts a service and returns; the process lives until SIGTERM.
   *
   * @param service its name
   * @param start reads the settings and starts everything
   */
  public static void run(String service, Function<Environment, Lifecycle> start) {
    try {
      start.apply(Environment.of(System.getenv())).stopOnSigterm();
    } catch (IllegalArgumentException e) {
      end(service, 2, e);
    } catch (RuntimeException e) {
      end(service, 1, e);
    }
  }

  private static void end(String service, int code, RuntimeException e) {
    System.err.println(service + ": " + e.getMessage());
    System.exit(code);
  }
}
