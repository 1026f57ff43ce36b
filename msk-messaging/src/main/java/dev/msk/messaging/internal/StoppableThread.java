package dev.msk.messaging.internal;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that is started once, asked to stop, waited for, and interrupted when that takes too long. Thread-safe. */
final class StoppableThread {

  private static final Logger log = LoggerFactory.getLogger(StoppableThread.class);

  private final ThreadFactory threads;
  private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
  private volatile boolean stopping;

  StoppableThread(ThreadFactory threads) {
    this.threads = threads;
  }

  void start(Runnable work) {
    Thread started = threads.newThread(work);
    if (stopping || !thread.compareAndSet(null, started)) {
      throw new IllegalStateException("started before (expected: one start)");
    }
    started.start();
  }

  boolean isStopping() {
    return stopping;
  }

  /** Asks the work to end, by the flag and by {@code wake}; interrupts it when it has not ended in time. */
  void stop(Runnable wake, Duration patience) {
    askToStop(wake);
    try {
      awaitEnd(patience);
    } catch (InterruptedException e) {
      Thread running = thread.get();
      if (running != null) {
        running.interrupt();
      }
      Thread.currentThread().interrupt();
    }
  }

  void askToStop(Runnable wake) {
    stopping = true;
    wake.run();
  }

  /** Waits for the end; interrupts the work when that takes too long, and waits once more. */
  void awaitEnd(Duration patience) throws InterruptedException {
    Thread running = thread.get();
    if (running == null) {
      return;
    }
    running.join(Math.max(1, patience.toMillis()));
    if (running.isAlive()) {
      running.interrupt();
      running.join(Math.max(1, patience.toMillis()));
    }
    if (running.isAlive()) {
      log.warn(
          "Thread {} was asked to stop and interrupted; it still runs, and is left",
          running.getName());
    }
  }
}
