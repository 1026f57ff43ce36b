package dev.msk.observability.health;

/** What an orchestrator asks for. */
public enum HealthGroup {
  /** Whether the process can go on; if not, it is restarted. */
  LIVENESS,
  /** Whether it can serve; if not, it gets no traffic. */
  READINESS,
  /** Whether it has started; until then the other two are not asked. */
  STARTUP
}
