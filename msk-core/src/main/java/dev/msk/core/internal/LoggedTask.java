package dev.msk.core.internal;

import dev.msk.core.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks of schedulers: what they throw is logged, never lost. */
public final class LoggedTask {

  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  private LoggedTask() {}

  /**
   * Runs a task; logs an exception and swallows it, logs an error and throws it on.
   *
   * @param task what to run
   */
  public static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("Scheduled task {} failed", task, e);
    } catch (Error e) {
      log.error("Scheduled task {} failed", task, e);
      throw e;
    }
  }
}
