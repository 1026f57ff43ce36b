package dev.msk.core.resilience;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One step of a call that somebody has in hand: an attempt, or the wait after it. It is left once, by one arrow of the table, whoever comes
 * first. Thread-safe.
 */
abstract sealed class CallStep permits Attempt, RetryAfter {

  private static final VarHandle PHASE;

  static {
    try {
      PHASE = MethodHandles.lookup().findVarHandle(CallStep.class, "phase", CallPhase.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused") // by the handle
  private volatile CallPhase phase;

  CallStep(CallPhase phase) {
    this.phase = phase;
  }

  /** Takes an arrow; false if this step was left before. */
  final boolean move(CallTransition arrow) {
    return PHASE.compareAndSet(this, arrow.from(), arrow.to());
  }

  final CallPhase phase() {
    return phase;
  }
}
