package dev.msk.core;

import static java.util.Objects.requireNonNull;

import dev.msk.core.internal.ExecutorScheduler;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Runs tasks once, later.
 *
 * <p>An exception that leaves a task is logged at error level with its stack trace by logger {@code dev.msk.core.Scheduler}
 * and goes no further: it neither stops the scheduler nor reaches whoever scheduled the task. An {@link Error} is logged in
 * the same way and then thrown on in the running thread. Tasks must be short or hand over to an executor of their own: how
 * many run at once is up to the implementation. Implementations are thread-safe.
 */
@FunctionalInterface
public interface Scheduler {

  /** A scheduled run of a task. Thread-safe. */
  @FunctionalInterface
  interface Task {

    /**
     * Prevents the run if it has not begun; a run that has begun is not interrupted.
     *
     * @return true if the task will not run because of this call; false if it has begun, ended, or was cancelled before
     */
    boolean cancel();
  }

  /**
   * A scheduler on an executor that stays the caller's: to stop the scheduler, shut that executor down.
   *
   * @param executor runs the tasks
   * @return a scheduler; it throws {@link java.util.concurrent.RejectedExecutionException} once the executor is shut down
   */
  static Scheduler of(ScheduledExecutorService executor) {
    return new ExecutorScheduler(requireNonNull(executor, "executor"));
  }

  /**
   * Schedules one run.
   *
   * @param delay from now until the run; zero or negative means as soon as possible
   * @param task what to run
   * @return the handle that cancels the run
   * @throws java.util.concurrent.RejectedExecutionException if the scheduler no longer takes tasks
   */
  Task schedule(Duration delay, Runnable task);
}
