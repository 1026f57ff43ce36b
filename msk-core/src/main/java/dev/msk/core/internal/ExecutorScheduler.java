package dev.msk.core.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A {@link Scheduler} on a {@link ScheduledExecutorService}. */
public final class ExecutorScheduler implements Scheduler {

  private final ScheduledExecutorService executor;

  /**
   * Creates one.
   *
   * @param executor runs the tasks
   */
  public ExecutorScheduler(ScheduledExecutorService executor) {
    this.executor = executor;
  }

  @Override
  public Task schedule(Duration delay, Runnable task) {
    requireNonNull(task, "task");
    long nanos = TimeUnit.NANOSECONDS.convert(delay);
    ScheduledFuture<?> run =
        executor.schedule(() -> LoggedTask.run(task), nanos, TimeUnit.NANOSECONDS);
    return () -> run.cancel(false);
  }
}
