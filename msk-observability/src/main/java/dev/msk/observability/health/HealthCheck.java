package dev.msk.observability.health;

/** Asks whether something works that readiness or startup depends on: a database, a broker, a warm cache. */
@FunctionalInterface
public interface HealthCheck {

  /**
   * Asks. It may block, within the bounds of whatever it asks; it is never run twice at once.
   *
   * @return what it found
   * @throws Exception when it cannot be asked, which counts as down; the probe shows the exception's class, the log all of it
   */
  Health check() throws Exception;
}
