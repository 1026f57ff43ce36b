package dev.msk.core.resilience;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A call that was let in by a {@link LoadShedder}. Say with {@link #done} how it ended, in any case: until then it takes a place among the
 * calls that are worked on. Thread-safe.
 */
public final class Admitted implements Admission {

  private final LoadShedder shedder;
  private final long startedAt;
  private final AtomicBoolean done = new AtomicBoolean();

  Admitted(LoadShedder shedder, long startedAt) {
    this.shedder = shedder;
    this.startedAt = startedAt;
  }

  /**
   * Says how it ended. Only what was answered ({@link Outcome.Kind#OK}) and what was not in time ({@link Outcome.Kind#TIMED_OUT}) tells how much the
   * server can do; a second call does nothing.
   *
   * @param outcome how it ended, as the server sees it
   */
  public void done(Outcome outcome) {
    if (done.compareAndSet(false, true)) {
      shedder.done(outcome, startedAt);
    }
  }
}
