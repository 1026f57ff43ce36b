package dev.msk.core.resilience;

import dev.msk.core.Ticker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.util.concurrent.TimeUnit;

/**
 * Resilience4j's circuit breaker, told by outcomes. Its window is the one with a lock: the lock-free one of 2.4.0 reads the system's clock
 * whatever it is given. Thread-safe.
 */
final class Breaker {

  private final CircuitBreaker breaker;
  private volatile long usedAt;

  Breaker(String name, CircuitBreakerConfig config, long now) {
    this.breaker = CircuitBreaker.of(name, config);
    this.usedAt = now;
  }

  static CircuitBreakerConfig config(CircuitBreakerSpec spec, Ticker ticker) {
    CircuitBreakerConfig.Builder config = CircuitBreakerConfig.custom()
        .failureRateThreshold((float) (100 * spec.failureRate()))
        .slidingWindow(
            (int) spec.window().toSeconds(),
            spec.minimumCalls(),
            SlidingWindowType.TIME_BASED,
            SlidingWindowSynchronizationStrategy.SYNCHRONIZED)
        .waitDurationInOpenState(spec.openFor())
        .permittedNumberOfCallsInHalfOpenState(spec.probes())
        .automaticTransitionFromOpenToHalfOpenEnabled(false) // which would be a thread
        .clock(new TickerClock(ticker));
    spec.slowAfter()
        .ifPresent(after -> config.slowCallDurationThreshold(after).slowCallRateThreshold((float)
            (100 * spec.slowRate())));
    return config.build();
  }

  /** Whether an attempt may go out; if so, {@link #release} or {@link #record} follows. */
  boolean tryAcquire() {
    return breaker.tryAcquirePermission();
  }

  /** The attempt did not go out. */
  void release() {
    breaker.releasePermission();
  }

  void record(Outcome outcome, long nanos) {
    switch (outcome.kind()) {
      case OK -> breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
      case CANCELLED -> breaker.releasePermission();
      case NOT_SENT, FAILED, TIMED_OUT, OVERLOADED ->
        breaker.onError(nanos, TimeUnit.NANOSECONDS, new Failure());
    }
  }

  /** 0 closed, 1 half-open, 2 open. */
  int reading() {
    State state = breaker.getState();
    return state == State.CLOSED ? 0 : state == State.HALF_OPEN ? 1 : 2;
  }

  long usedAt() {
    return usedAt;
  }

  void used(long now) {
    usedAt = now;
  }

  /** What the breaker is told of any failure: it wants a throwable and looks at nothing of it. */
  private static final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private Failure() {
      super("failed", null, false, false);
    }
  }
}
