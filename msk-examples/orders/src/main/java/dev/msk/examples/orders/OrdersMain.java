package dev.msk.examples.orders;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process: settings from the environment, start, and an orderly end on SIGTERM.
 *
 * <p>Exit code 2 says that a setting is wrong, 1 that something it needs is not there; one line on
 * stderr says which.
 */
public final class OrdersMain {

  private static final Logger log = LoggerFactory.getLogger(OrdersMain.class);

  private OrdersMain() {}

  /**
   * Runs until SIGTERM.
   *
   * @param args none; see {@link Settings} for the environment
   */
  public static void main(String[] args) {
    try {
      Settings settings = Settings.of(System.getenv());
      OrdersService service = OrdersService.start(settings);
      Runtime.getRuntime().addShutdownHook(new Thread(service::close, "orders-shutdown"));
      log.info("orders: ready on http://{}:{}", settings.host(), service.port());
    } catch (IllegalArgumentException e) {
      end(2, e);
    } catch (RuntimeException e) {
      end(1, e);
    }
  }

  private static void end(int code, RuntimeException e) {
    System.err.println("orders: " + e.getMessage());
    System.exit(code);
  }
}
