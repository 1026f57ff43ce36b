package dev.msk.discovery.internal.health;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Lets so many probes run at once, the others in their order. Thread-safe. What waits is bounded by the instances there are. */
final class ProbeGate {

  private final int most;
  private final Executor executor;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int running;

  ProbeGate(int most, Executor executor) {
    this.most = most;
    this.executor = executor;
  }

  /** Runs a probe when there is room; it must {@link #leave} whatever happens. */
  void enter(Runnable probe) {
    synchronized (waiting) {
      if (running >= most) {
        waiting.add(probe);
        return;
      }
      running++;
    }
    run(probe);
  }

  void leave() {
    Runnable next = next();
    if (next != null) {
      run(next);
    }
  }

  private void run(Runnable probe) {
    try {
      executor.execute(probe);
    } catch (RuntimeException e) {
      // An executor that takes nothing more: the end of this process. Whoever waits, waits for
      // nothing.
      synchronized (waiting) {
        running--;
      }
      throw e;
    }
  }

  private @Nullable Runnable next() {
    synchronized (waiting) {
      Runnable next = waiting.poll();
      running = next == null ? running - 1 : running;
      return next;
    }
  }
}
