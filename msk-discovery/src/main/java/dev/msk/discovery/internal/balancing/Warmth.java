package dev.msk.discovery.internal.balancing;

/** Since when an instance is healthy. Guarded by the pool's lock. */
final class Warmth {

  private boolean healthy;
  private boolean cold;
  private long healthySince;

  /** There before anybody looked: it counts as warm. */
  void foundThere(boolean isHealthy) {
    healthy = isHealthy;
    cold = false;
  }

  void seen(boolean isHealthy, long now) {
    if (isHealthy && !healthy) {
      cold = true;
      healthySince = now;
    }
    healthy = isHealthy;
  }

  /** How long it has been warming up; {@code full} for one that is warm. */
  long warmingFor(long full, long now) {
    if (cold && now - healthySince >= full) {
      cold = false;
    }
    return cold ? now - healthySince : full;
  }
}
