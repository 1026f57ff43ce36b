package dev.msk.saga;

/** What became of a signal, or of an event that stands for one. In each case it is kept, unless one was kept before. */
public enum SignalResult {
  /** The saga stands at the step, and goes on. */
  TAKEN,
  /** The saga does not stand at the step yet, and takes it when it gets there. */
  EARLY,
  /** The saga is past the step, or goes back: nothing comes of it. */
  LATE,
  /** There was one before for this step; the first one counts. */
  DUPLICATE
}
