package dev.msk.saga;

/** What became of the wish that a saga be cancelled. */
public enum CancelResult {
  /**
   * The saga turns back before its next attempt, if it still can then: the attempt under way ends first, and may be the last one, or
   * the pivot.
   */
  REQUESTED,
  /** It goes back already, or is stuck on its way back. */
  TURNED_BACK,
  /** There is no way back any more. The wish is kept with the saga, for people; nothing else comes of it. */
  PAST_PIVOT,
  /** The pivot has been tried and may have taken place. The wish is kept with the saga, for people; nothing else comes of it. */
  PIVOT_UNKNOWN,
  /** It has ended. */
  ENDED
}
