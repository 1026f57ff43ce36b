package dev.msk.benchmarks.discovery;

import static java.util.Objects.requireNonNull;

import dev.failsafe.Bulkhead;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.resilience.CallSpec;
import dev.msk.core.resilience.CircuitBreakerSpec;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A call that does nothing, within retry, bulkhead and circuit breaker, by ours, by resilience4j and by Failsafe. Run by {@code ./mvnw
 * -Pbench -Dbench=discovery -Drows=call-policy}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PolicyBenchmark {

  private static final int BULKHEAD = 64;
  private static final int WINDOW_SECONDS = 20;

  /** Who guards the call. */
  @Param({"ours", "floor", "failsafe"})
  public String contender = "";

  private final Object answer = new Object();
  private @Nullable Supplier<Object> call;

  /** Makes the contender. */
  @Setup
  public void prepare() {
    call = of(contender, () -> answer);
  }

  /**
   * Calls.
   *
   * @return the answer
   */
  @Benchmark
  public Object call() {
    return requireNonNull(call).get();
  }

  static Supplier<Object> of(String contender, Supplier<Object> work) {
    return switch (contender) {
      case "ours" -> ours(work);
      case "floor" -> composed(work);
      case "failsafe" -> failsafe(work);
      default -> throw new IllegalArgumentException("contender: " + contender);
    };
  }

  private static Supplier<Object> ours(Supplier<Object> work) {
    CallPolicy policy = CallPolicy.builder("orders")
        .circuitBreaker(CircuitBreakerSpec.defaults())
        .bulkhead(BULKHEAD)
        .build();
    CallSpec spec = CallSpec.repeatable();
    return () -> policy.call(spec, attempt -> work.get());
  }

  private static Supplier<Object> composed(Supplier<Object> work) {
    CircuitBreaker breaker = CircuitBreaker.of(
        "orders",
        CircuitBreakerConfig.custom()
            .slidingWindowType(SlidingWindowType.TIME_BASED)
            .slidingWindowSize(WINDOW_SECONDS)
            .minimumNumberOfCalls(10)
            .build());
    io.github.resilience4j.bulkhead.Bulkhead bulkhead = io.github.resilience4j.bulkhead.Bulkhead.of(
        "orders",
        BulkheadConfig.custom()
            .maxConcurrentCalls(BULKHEAD)
            .maxWaitDuration(Duration.ZERO)
            .build());
    Retry retry = Retry.of(
        "orders",
        RetryConfig.custom()
            .maxAttempts(3)
            .intervalFunction(IntervalFunction.ofExponentialRandomBackoff())
            .build());
    return Retry.decorateSupplier(
        retry,
        CircuitBreaker.decorateSupplier(
            breaker, io.github.resilience4j.bulkhead.Bulkhead.decorateSupplier(bulkhead, work)));
  }

  private static Supplier<Object> failsafe(Supplier<Object> work) {
    RetryPolicy<Object> retry = RetryPolicy.builder()
        .withMaxRetries(2)
        .withBackoff(Duration.ofMillis(50), Duration.ofSeconds(1))
        .build();
    dev.failsafe.CircuitBreaker<Object> breaker = dev.failsafe.CircuitBreaker.builder()
        .withFailureRateThreshold(50, 10, Duration.ofSeconds(WINDOW_SECONDS))
        .build();
    FailsafeExecutor<Object> executor =
        Failsafe.with(retry, breaker, Bulkhead.builder(BULKHEAD).build());
    return () -> executor.get(work::get);
  }
}
