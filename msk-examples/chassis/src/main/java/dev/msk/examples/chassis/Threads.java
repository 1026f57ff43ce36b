package dev.msk.examples.chassis;

import dev.msk.core.Scheduler;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that the blocks of a process share: two that wait for points in time, and as many as
 * are needed for work that waits, 256 at most. The next task is refused. On a newer JDK, virtual
 * threads do as well.
 */
public final class Threads implements AutoCloseable {

  private static final int WORKERS = 256;

  private final ScheduledThreadPoolExecutor timers;
  private final ThreadPoolExecutor workers;

  private Threads(String service) {
    this.timers = new ScheduledThreadPoolExecutor(2, daemons(service + "-timer-"));
    timers.setRemoveOnCancelPolicy(true);
    this.workers = new ThreadPoolExecutor(
        0, WORKERS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons(service + "-worker-"));
  }

  /**
   * Threads of a process.
   *
   * @param service begins their names
   * @return none running yet
   */
  public static Threads of(String service) {
    return new Threads(service);
  }

  /**
   * For later.
   *
   * @return a scheduler
   */
  public Scheduler scheduler() {
    return Scheduler.of(timers);
  }

  /**
   * For work that may wait.
   *
   * @return an executor, which refuses when all its threads are busy
   */
  public Executor executor() {
    return workers;
  }

  /** Interrupts what still runs. */
  @Override
  public void close() {
    timers.shutdownNow();
    workers.shutdownNow();
  }

  private static ThreadFactory daemons(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
