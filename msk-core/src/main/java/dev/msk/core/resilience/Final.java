package dev.msk.core.resilience;

/** The attempt was the last one of its call, and why. What it brought, an answer or a failure, is the call's. */
public enum Final implements Verdict {
  /** The server answered. */
  ANSWERED,
  /** The answer was not wanted any more. */
  CANCELLED,
  /** It failed, and the server must not get it twice. */
  NOT_REPEATABLE,
  /** It failed, and somebody upstream repeats the whole of it. */
  RETRIED_UPSTREAM,
  /** It failed, and the server said that it must not be tried again. */
  PUSHED_BACK,
  /** It failed, and there were as many attempts as may be. */
  EXHAUSTED,
  /** It failed, and another attempt could not be answered before the deadline. */
  NO_TIME,
  /** It failed, and too many calls of the service do: no retry is left in the budget. */
  NO_BUDGET,
  /** Somebody else was faster and has ended this attempt before: a timer, for example. There is nothing to do. */
  LATE
}
