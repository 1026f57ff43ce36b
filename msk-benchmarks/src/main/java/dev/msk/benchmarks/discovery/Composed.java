package dev.msk.benchmarks.discovery;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.function.Supplier;

/** Resilience4j's retry, circuit breaker and bulkhead, composed by hand. Thread-safe. */
final class Composed {

  private final CircuitBreaker breaker = CircuitBreaker.of(
      "orders",
      CircuitBreakerConfig.custom()
          .slidingWindowType(SlidingWindowType.TIME_BASED)
          .slidingWindowSize(PolicyBenchmark.WINDOW_SECONDS)
          .minimumNumberOfCalls(10)
          .build());
  private final Bulkhead bulkhead = Bulkhead.of(
      "orders",
      BulkheadConfig.custom()
          .maxConcurrentCalls(PolicyBenchmark.BULKHEAD)
          .maxWaitDuration(Duration.ZERO)
          .build());
  private final Retry retry = Retry.of(
      "orders",
      RetryConfig.custom()
          .maxAttempts(3)
          .intervalFunction(IntervalFunction.ofExponentialRandomBackoff())
          .build());

  /** As its documents compose them, around what blocks. */
  Supplier<Object> around(Supplier<Object> work) {
    return Retry.decorateSupplier(
        retry, CircuitBreaker.decorateSupplier(breaker, Bulkhead.decorateSupplier(bulkhead, work)));
  }

  /** As who must not block has to: permissions before the work, outcomes after it. */
  Supplier<Object> beside(Supplier<Object> work) {
    return () -> {
      Retry.Context<Object> attempts = retry.context();
      breaker.acquirePermission();
      bulkhead.acquirePermission();
      long start = breaker.getCurrentTimestamp();
      Object answer = work.get();
      bulkhead.onComplete();
      breaker.onSuccess(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit());
      if (!attempts.onResult(answer)) {
        attempts.onComplete();
      }
      return answer;
    };
  }
}
