package dev.msk.saga;

/** Where a saga is. The arrows between are {@link SagaTransition}. */
public enum SagaStatus {
  /** Goes forward; or waits, for a retry, a reply, an event, a signal or a time. */
  RUNNING,
  /** Goes back, step by step; or waits, for a retry or for a reply. */
  COMPENSATING,
  /** Cannot go forward and must not go back: an operator decides. */
  STUCK_FORWARD,
  /** A compensation failed as often as it was allowed to: an operator decides. */
  STUCK_BACKWARD,
  /** Every step is done. */
  COMPLETED,
  /** Everything that was done, or may have been, is undone. */
  COMPENSATED,
  /** Given up by an operator, as it was. */
  ABANDONED;

  /**
   * Whether an operator must decide.
   *
   * @return true for {@link #STUCK_FORWARD} and {@link #STUCK_BACKWARD}
   */
  public boolean isStuck() {
    return this == STUCK_FORWARD || this == STUCK_BACKWARD;
  }

  /**
   * Whether nothing will happen any more.
   *
   * @return true for {@link #COMPLETED}, {@link #COMPENSATED} and {@link #ABANDONED}
   */
  public boolean isEnded() {
    return this == COMPLETED || this == COMPENSATED || this == ABANDONED;
  }
}
