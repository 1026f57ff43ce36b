package dev.msk.examples.gateway;

import dev.msk.core.resilience.CircuitBreakerSpec;
import dev.msk.examples.chassis.Environment;
import java.time.Duration;
import java.util.Map;

/**
 * When a service that fails is left alone for a while, and when an instance of it is.
 *
 * <pre>
 * BREAKER_FAILURES  50     it opens when so many of a hundred attempts failed,
 * BREAKER_CALLS     20     of at least so many
 * BREAKER_WINDOW    PT20S  within this time, which is whole seconds
 * BREAKER_OPEN      PT10S  how long nothing is sent; then three attempts find out
 * </pre>
 *
 * <p>A failure is no answer, 429 or any 5xx. An instance needs a quarter of the attempts, so that its breaker opens before it can
 * open that of its service: what one instance does not do, another one does.
 *
 * @param failures share that opens it, above 0, at most 1
 * @param calls attempts that there must be before it may open
 * @param window in which attempts are counted
 * @param open how long it is open
 */
record Breakers(double failures, int calls, Duration window, Duration open) {

  private static final int INSTANCES = 4;

  /** Reads the environment; what is wrong is noted there. */
  static Breakers of(Environment environment) {
    Duration window =
        environment.duration("BREAKER_WINDOW", "PT20S", Duration.ofSeconds(1), Duration.ofHours(1));
    if (window.getNano() > 0) {
      environment.wrong("BREAKER_WINDOW", window.toString(), "whole seconds");
    }
    return new Breakers(
        environment.number("BREAKER_FAILURES", 50, 1, 100) / 100.0,
        (int) environment.number("BREAKER_CALLS", 20, 1, 10_000),
        window,
        environment.duration("BREAKER_OPEN", "PT10S", Duration.ofMillis(1), Duration.ofHours(1)));
  }

  /** What holds where nothing is said. */
  static Breakers defaults() {
    return of(Environment.of(Map.of()));
  }

  CircuitBreakerSpec ofService() {
    return spec(calls);
  }

  CircuitBreakerSpec ofInstances() {
    return spec(Math.max(1, calls / INSTANCES));
  }

  private CircuitBreakerSpec spec(int minimum) {
    return CircuitBreakerSpec.builder()
        .failureRate(failures)
        .minimumCalls(minimum)
        .window(window)
        .openFor(open)
        .build();
  }
}
