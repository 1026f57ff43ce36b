package dev.msk.benchmarks.discovery;

import static java.util.Objects.requireNonNull;

import dev.failsafe.Bulkhead;
import dev.failsafe.CircuitBreaker;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import dev.msk.core.resilience.Attempt;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.resilience.CallSpec;
import dev.msk.core.resilience.CircuitBreakerSpec;
import dev.msk.core.resilience.Outcome;
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

  static final String CALL = "call";
  static final String ACQUIRE = "acquire";
  static final int BULKHEAD = 64;
  static final int WINDOW_SECONDS = 20;

  /** Who guards the call. */
  @Param({"ours", "floor", "failsafe"})
  public String contender = "";

  /** Whether the work is handed over, or its outcome. */
  @Param({CALL, ACQUIRE})
  public String way = "";

  private final Object answer = new Object();
  private @Nullable Supplier<Object> call;

  /** Makes the contender. */
  @Setup
  public void prepare() {
    call = of(contender, way, () -> answer);
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

  static Supplier<Object> of(String contender, String way, Supplier<Object> work) {
    boolean blocks = way.equals(CALL);
    return switch (contender) {
      case "ours" -> blocks ? around(work) : beside(work);
      case "floor" -> blocks ? new Composed().around(work) : new Composed().beside(work);
      case "failsafe" -> failsafe(work);
      default -> throw new IllegalArgumentException("contender: " + contender);
    };
  }

  private static Supplier<Object> around(Supplier<Object> work) {
    CallPolicy policy = policy();
    CallSpec spec = CallSpec.repeatable();
    CallPolicy.Work<Object, RuntimeException> attempted = attempt -> work.get();
    return () -> policy.call(spec, attempted);
  }

  private static Supplier<Object> beside(Supplier<Object> work) {
    CallPolicy policy = policy();
    CallSpec spec = CallSpec.repeatable();
    return () -> {
      Attempt attempt = (Attempt) policy.acquire(spec);
      Object answer = work.get();
      attempt.done(Outcome.ok());
      return answer;
    };
  }

  private static CallPolicy policy() {
    return CallPolicy.builder("orders")
        .circuitBreaker(CircuitBreakerSpec.defaults())
        .bulkhead(BULKHEAD)
        .build();
  }

  private static Supplier<Object> failsafe(Supplier<Object> work) {
    RetryPolicy<Object> retry = RetryPolicy.builder()
        .withMaxRetries(2)
        .withBackoff(Duration.ofMillis(50), Duration.ofSeconds(1))
        .build();
    CircuitBreaker<Object> breaker = CircuitBreaker.builder()
        .withFailureRateThreshold(50, 10, Duration.ofSeconds(WINDOW_SECONDS))
        .build();
    FailsafeExecutor<Object> executor =
        Failsafe.with(retry, breaker, Bulkhead.builder(BULKHEAD).build());
    return () -> executor.get(work::get);
  }
}
