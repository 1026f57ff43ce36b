package dev.msk.saga;

/** What a saga does when what a step waits for has not come in time. */
public enum OnTimeout {
  /** Turns back, as if the answer had been no. Not after the pivot; the default before it. */
  COMPENSATE,
  /** Goes on with the next step; the state stays as it is. */
  GO_ON,
  /**
   * Waits as long again, as often as the step's {@link Retry} says, whose waits have no meaning here; then turns back, or is stuck
   * after the pivot. The default after the pivot, without end.
   */
  WAIT_AGAIN
}
