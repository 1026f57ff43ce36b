package dev.msk.observability.health;

/** How something is, the worst first. */
public enum HealthStatus {
  /** It does not work. */
  DOWN,
  /** It works, but takes no traffic on purpose: the process is about to stop. */
  OUT_OF_SERVICE,
  /** Nobody knows: there is no result yet, or the last one is too old. */
  UNKNOWN,
  /** It works. */
  UP
}
