package dev.msk.saga.internal;

import dev.msk.core.Deadline;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Interrupts calls that take too long. A call goes on until it returns; only then does its thread do anything else, so that the
 * interrupt reaches nobody else. Thread-safe.
 */
final class CallTimeouts {

  private static final Logger log = LoggerFactory.getLogger(CallTimeouts.class);
  private static final Duration NONE = Duration.ofDays(1);

  private final Set<Running> running = ConcurrentHashMap.newKeySet();

  /** A call that was interrupted and threw: {@link TimeoutException}, with what it threw as the cause. */
  <T> T call(String what, Deadline deadline, Callable<T> work) throws Exception {
    Running call = new Running(what, deadline);
    running.add(call);
    try {
      T result = work.call();
      call.end();
      return result;
    } catch (Exception e) {
      if (call.end()) {
        TimeoutException timeout = new TimeoutException(what + ": given up");
        timeout.initCause(e);
        throw timeout;
      }
      throw e;
    } finally {
      call.end();
      running.remove(call);
    }
  }

  /** The time until the next call is overdue. */
  Duration interruptOverdue() {
    Duration next = NONE;
    for (Running call : running) {
      Duration remaining = call.deadline.remaining();
      if (remaining.isZero()) {
        call.interrupt();
      } else if (remaining.compareTo(next) < 0) {
        next = remaining;
      }
    }
    return next;
  }

  void interruptAll() {
    running.forEach(Running::interrupt);
  }

  /** One call; compared by identity. */
  private static final class Running {

    final String what;
    final Deadline deadline;
    private final Thread thread = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean interrupted;
    private boolean ended;

    Running(String what, Deadline deadline) {
      this.what = what;
      this.deadline = deadline;
    }

    void interrupt() {
      lock.lock();
      try {
        if (!ended && !interrupted) {
          interrupted = true;
          log.warn("{}: given up, interrupted; the saga goes on when the call has returned", what);
          thread.interrupt();
        }
      } finally {
        lock.unlock();
      }
    }

    /** Whether it was interrupted; takes the interrupt back if it has not been taken. */
    boolean end() {
      lock.lock();
      try {
        if (!ended) {
          ended = true;
          if (interrupted) {
            var unused = Thread.interrupted();
          }
        }
        return interrupted;
      } finally {
        lock.unlock();
      }
    }
  }
}
