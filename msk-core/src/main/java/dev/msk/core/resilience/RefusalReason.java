package dev.msk.core.resilience;

/** Why a call was not let out, or not let in. */
public enum RefusalReason {
  /** Its deadline has passed: nobody waits for the answer. */
  DEADLINE_EXPIRED,
  /** Less time is left than the fastest answer takes. */
  NO_TIME,
  /** As many calls are under way as may be at once. */
  BULKHEAD_FULL,
  /** As many calls are under way as the adaptive limit grants to its priority. */
  LIMIT_REACHED,
  /** The circuit breaker of the service is open. */
  BREAKER_OPEN
}
