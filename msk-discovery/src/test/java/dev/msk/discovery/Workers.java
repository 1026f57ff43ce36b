package dev.msk.discovery;

import dev.msk.core.Scheduler;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The scheduler and executor that a service would bring. */
public final class Workers implements AutoCloseable {

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService pool = Executors.newCachedThreadPool();

  public Scheduler scheduler() {
    return Scheduler.of(timer);
  }

  public Executor executor() {
    return pool;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    pool.shutdownNow();
  }
}
