package dev.msk.core.resilience;

import dev.msk.core.Ticker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A breaker for each instance that attempts went to. At most {@value #MAX} are kept; those that nothing has been sent to for 10 minutes are
 * forgotten when a new one comes, and the longest unused one if there are too many nevertheless. Thread-safe.
 */
final class InstanceBreakers {

  static final int MAX = 1_000;

  private static final long UNUSED_NANOS = Duration.ofMinutes(10).toNanos();

  private final Map<String, Breaker> breakers = new ConcurrentHashMap<>();
  private final String service;
  private final CircuitBreakerConfig config;
  private final Ticker ticker;
  private final Object lock = new Object();

  InstanceBreakers(String service, CircuitBreakerSpec spec, Ticker ticker) {
    this.service = service;
    this.config = Breaker.config(spec, ticker);
    this.ticker = ticker;
  }

  Breaker of(String id) {
    long now = ticker.nanoTime();
    Breaker known = breakers.get(id);
    Breaker breaker = known == null ? add(id, now) : known;
    breaker.used(now);
    return breaker;
  }

  int size() {
    return breakers.size();
  }

  private Breaker add(String id, long now) {
    synchronized (lock) {
      if (!breakers.containsKey(id)) {
        breakers.values().removeIf(breaker -> now - breaker.usedAt() > UNUSED_NANOS);
        if (breakers.size() >= MAX) {
          breakers.entrySet().stream()
              .min(Comparator.comparingLong(entry -> entry.getValue().usedAt() - now))
              .ifPresent(oldest -> breakers.remove(oldest.getKey()));
        }
      }
      return breakers.computeIfAbsent(id, name -> new Breaker(service + "/" + name, config, now));
    }
  }
}
