package dev.msk.observability.slo;

/** What the rate at which an error budget is spent asks for. */
public enum BurnAlert {
  /** Nothing. */
  NONE,
  /** Somebody must look within days. */
  TICKET,
  /** Somebody, or something, must act at once. */
  PAGE
}
