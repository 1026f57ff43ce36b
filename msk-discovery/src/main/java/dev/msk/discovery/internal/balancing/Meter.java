package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.Lease.Outcome;

/** What a strategy measures at an instance beside the calls that are under way. Thread-safe. */
interface Meter {

  /** A call begins. */
  void taken();

  /**
   * A call ends.
   *
   * @param outcome how
   * @param nanos how long it took
   * @param turn how many calls to the instance went well before, which wraps
   */
  void done(Outcome outcome, long nanos, int turn);
}
