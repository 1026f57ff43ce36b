package dev.msk.discovery.internal.balancing;

import java.time.Duration;
import java.util.List;

/**
 * Gives an instance that has become healthy less than its share at first, and more each second, so that its caches and its compiled
 * code can come: a tenth at least, then as much of the share as of the time is over. When nobody is warm, nobody is spared.
 *
 * @see <a href="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start">Envoy, Slow
 *     start</a>
 */
final class SlowStart {

  private static final double LEAST = 0.1;
  private static final int STEPS = 20;

  private final long window;

  SlowStart(Duration window) {
    this.window = window.toNanos();
  }

  /** Whether the shares change with time. */
  boolean isUnderWay(List<Endpoint> endpoints, long now) {
    return endpoints.stream().anyMatch(endpoint -> isCold(endpoint, now));
  }

  /** After which time they have changed enough to be looked at again. */
  long step() {
    return Math.max(1, window / STEPS);
  }

  List<Endpoint> of(List<Endpoint> endpoints, long now) {
    long cold = endpoints.stream().filter(endpoint -> isCold(endpoint, now)).count();
    if (cold == 0 || cold == endpoints.size()) {
      return endpoints;
    }
    return endpoints.stream()
        .map(endpoint -> endpoint.times(factor(endpoint, now)))
        .toList();
  }

  private boolean isCold(Endpoint endpoint, long now) {
    return endpoint.track().warmth().warmingFor(window, now) < window;
  }

  private double factor(Endpoint endpoint, long now) {
    long time = endpoint.track().warmth().warmingFor(window, now);
    return time >= window ? 1 : Math.max(LEAST, (double) time / window);
  }
}
