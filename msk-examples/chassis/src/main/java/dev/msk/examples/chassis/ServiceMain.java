package dev.msk.examples.chassis;

import ch.qos.logback.classic.LoggerContext;
import dev.msk.core.lifecycle.Lifecycle;
import dev.msk.core.lifecycle.LifecycleException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The process of a service: settings from the environment, start, and an orderly end on SIGTERM.
 *
 * <p>Exit code 2 says that a setting is wrong, 1 that something it needs is not there; one line on
 * stderr says which. What libraries write to {@code java.util.logging} goes where all else is logged.
 * The log ends after everything else, when what an asynchronous appender still has in its queue is
 * written.
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
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    AtomicReference<@Nullable Lifecycle> started = new AtomicReference<>();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> endLogAfter(started.get()), service + "-log"));
    try {
      started.set(start.apply(Environment.of(System.getenv())).stopOnSigterm());
    } catch (RuntimeException e) {
      Throwable fault = fault(e);
      endLog(); // its last lines come before this one, which says what is wrong
      System.err.println(service + ": " + message(fault));
      System.exit(fault instanceof IllegalArgumentException ? 2 : 1);
    }
  }

  private static void endLogAfter(@Nullable Lifecycle service) {
    try {
      if (service != null) {
        service.awaitStop();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    endLog();
  }

  private static void endLog() {
    ILoggerFactory loggers = LoggerFactory.getILoggerFactory();
    if (loggers instanceof LoggerContext logback) {
      logback.stop();
    }
  }

  /** What went wrong in the part that did not start. */
  private static Throwable fault(RuntimeException e) {
    return e instanceof LifecycleException && e.getCause() != null ? e.getCause() : e;
  }

  private static String message(Throwable fault) {
    return fault.getMessage() == null ? fault.toString() : fault.getMessage();
  }
}
