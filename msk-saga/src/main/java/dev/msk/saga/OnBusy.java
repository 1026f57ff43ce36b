package dev.msk.saga;

/** What a start does when another saga has the target. */
public enum OnBusy {
  /** The saga begins, and waits for its turn before its first step; those that wait get the target in the order in which they came. */
  WAIT,
  /** There is no saga: the start throws {@link SagaBusyException}. */
  REFUSE
}
