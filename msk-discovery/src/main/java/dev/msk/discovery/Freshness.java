package dev.msk.discovery;

/** How sure a {@link Snapshot} is. */
public enum Freshness {
  /** The registry has not answered yet, nor failed to: nothing is known, and waiting may help. */
  PENDING,
  /** The registry's latest answer, in whole. */
  LIVE,
  /**
   * Not what the registry says now: it could not be asked, or its answer lost so many instances at once that they are kept
   * until it is confirmed. {@link Snapshot#asOf()} says since when.
   */
  STALE,
  /**
   * Read from disk, where an earlier process kept it: since this one began to follow the service, the registry has not answered, or
   * said only that there are none. {@link Snapshot#asOf()} says how old it is.
   */
  DISK
}
