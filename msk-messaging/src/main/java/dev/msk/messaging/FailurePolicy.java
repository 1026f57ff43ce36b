package dev.msk.messaging;

/**
 * What a consumer does with an event that failed as often as it may, or with poison, which fails for
 * ever. While an event waits for its next attempt, later events of its key wait behind it, and those of
 * other keys go on.
 */
public enum FailurePolicy {

  /**
   * Tries the event for ever, poison too; its key waits. Nothing leaves the order, and nothing of the key
   * goes on until somebody mends the handler or the data. When {@code maxInFlight} events have come behind
   * it, the consumer stops reading.
   */
  BLOCK,

  /** Puts the event aside as a {@link DeadLetter}; later events of its key go on without it. */
  PARK,

  /**
   * Puts the event and all later ones of its key aside, until they are replayed or discarded: the order of
   * the key is kept, and other keys go on.
   */
  PARK_KEY,

  /** Passes the event over: it is remembered as processed, logged and counted, and cannot be replayed. */
  SKIP
}
