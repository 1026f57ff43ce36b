package dev.msk.core.lifecycle;

import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Runs one action at a time, each in a thread of its own, and waits for it no longer than its bound. */
final class StepThread {

  private final ThreadFactory threads;
  private final Ticker ticker;
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();

  StepThread(ThreadFactory threads, Ticker ticker) {
    this.threads = threads;
    this.ticker = ticker;
  }

  /** Whether this very thread is within an action. */
  boolean isCurrent() {
    return running.contains(Thread.currentThread());
  }

  /**
   * Runs an action.
   *
   * @param late what to do if it ends after it was left, in its thread
   * @throws LeftException if it did not end in time: it was interrupted and is left to itself
   * @throws Throwable whatever the action threw
   */
  void run(Part.Action action, Duration bound, Runnable late) throws Throwable {
    Run run = new Run(action, late);
    Thread thread = threads.newThread(run);
    Deadline deadline = Deadline.after(bound, ticker);
    thread.start();
    if (!run.awaitEnd(deadline, thread)) {
      throw new LeftException(bound);
    }
    if (run.error != null) {
      throw run.error;
    }
  }

  /** An action did not end in time. */
  static final class LeftException extends TimeoutException {

    private static final long serialVersionUID = 1L;

    private LeftException(Duration bound) {
      super("not ended within " + bound.toMillis() + " ms");
    }
  }

  private final class Run implements Runnable {

    private final Part.Action action;
    private final Runnable late;
    private final Gate gate = new Gate();
    private boolean ended;
    private boolean left;
    private @Nullable Throwable error;

    Run(Part.Action action, Runnable late) {
      this.action = action;
      this.late = late;
    }

    @Override
    public void run() {
      Throwable thrown = null;
      running.add(Thread.currentThread());
      try {
        action.run();
      } catch (Throwable e) {
        thrown = e;
      } finally {
        running.remove(Thread.currentThread());
      }
      if (end(thrown)) {
        late.run();
      }
    }

    private boolean end(@Nullable Throwable thrown) {
      gate.lock();
      try {
        error = thrown;
        ended = true;
        gate.changed();
        return left;
      } finally {
        gate.unlock();
      }
    }

    boolean awaitEnd(Deadline bound, Thread thread) {
      gate.lock();
      try {
        if (gate.awaitPatiently(() -> ended, bound)) {
          return true;
        }
        left = true;
        thread.interrupt();
        return false;
      } finally {
        gate.unlock();
      }
    }
  }
}
