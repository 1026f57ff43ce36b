package dev.msk.core.resilience;

/** Where a call through a {@link CallPolicy} is. */
public enum CallPhase {
  /** Asked for; nothing is on its way. */
  READY,
  /** An attempt is under way. */
  ATTEMPTING,
  /** The last attempt failed, the next one is waited for. */
  BACKING_OFF,
  /** The server answered. */
  SUCCEEDED,
  /** The last attempt failed and there is no other. */
  FAILED,
  /** An attempt was not let out, the first or a later one. */
  REFUSED,
  /** Nobody wants the answer any more. */
  CANCELLED;

  /**
   * Whether it is over.
   *
   * @return true if no arrow leads away from here
   */
  public boolean isFinal() {
    return this != READY && this != ATTEMPTING && this != BACKING_OFF;
  }
}
