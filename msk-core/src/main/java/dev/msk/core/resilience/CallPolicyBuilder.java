package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.spi.Faults;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.core.telemetry.Telemetry;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Collects the settings of a {@link CallPolicy}. Confined to one thread. */
public final class CallPolicyBuilder {

  private static final Duration MAX_TIMEOUT = Duration.ofDays(1);
  private static final int MAX_RETRIES = 10;

  final String service;
  Duration timeout = Duration.ofSeconds(10);
  Duration attemptTimeout = Duration.ofSeconds(3);
  int retries = 2;
  Backoff backoff = Backoff.defaults();

  @Nullable
  RetryBudget budget;

  @Nullable
  CircuitBreakerSpec circuitBreaker;

  @Nullable
  CircuitBreakerSpec instanceBreakers;

  int bulkhead = Integer.MAX_VALUE;

  @Nullable
  AdaptiveLimit limit;

  Outcomes outcomes = Outcomes.ofExceptions();
  Ticker ticker = Ticker.system();
  RandomGenerator random = RandomGenerator.getDefault();
  Telemetry telemetry = Telemetry.noop();

  CallPolicyBuilder(String service) {
    this.service = requireNonNull(service, "service");
  }

  /**
   * Sets how long a call may take, all attempts and waits; 10 s by default, which is three attempts of 3 s and the waits between them.
   *
   * @param value above zero, at most a day
   * @return this
   */
  public CallPolicyBuilder timeout(Duration value) {
    this.timeout = requireNonNull(value, "timeout");
    return this;
  }

  /**
   * Sets how long an attempt may take; 3 s by default.
   *
   * @param value above zero, at most a day
   * @return this
   */
  public CallPolicyBuilder attemptTimeout(Duration value) {
    this.attemptTimeout = requireNonNull(value, "attemptTimeout");
    return this;
  }

  /**
   * Sets how many attempts there may be after the first; 2 by default.
   *
   * @param value 0 to 10
   * @return this
   */
  public CallPolicyBuilder retries(int value) {
    this.retries = value;
    return this;
  }

  /**
   * Sets how long is waited before a retry; {@link Backoff#defaults()} by default, at most 50 ms before the first.
   *
   * @param value a back-off
   * @return this
   */
  public CallPolicyBuilder backoff(Backoff value) {
    this.backoff = requireNonNull(value, "backoff");
    return this;
  }

  /**
   * Sets what retries are paid from; a budget of its own by default, of a fifth of the calls and 10 a second over 10 s.
   *
   * @param value a budget, shared with other policies that call the same service
   * @return this
   */
  public CallPolicyBuilder retryBudget(RetryBudget value) {
    this.budget = requireNonNull(value, "retryBudget");
    return this;
  }

  /**
   * Refuses attempts while the service fails; off by default. Needs {@code io.github.resilience4j:resilience4j-circuitbreaker}.
   *
   * @param value when it opens and closes
   * @return this
   */
  public CallPolicyBuilder circuitBreaker(CircuitBreakerSpec value) {
    this.circuitBreaker = requireNonNull(value, "circuitBreaker");
    return this;
  }

  /**
   * Keeps a breaker for each instance of the service, asked by {@link Attempt#tryInstance}; off by default. The 1,000 last used are kept, and
   * forgotten when nothing was sent to them for 10 minutes. Needs {@code io.github.resilience4j:resilience4j-circuitbreaker}.
   *
   * @param value when they open and close
   * @return this
   */
  public CallPolicyBuilder instanceBreakers(CircuitBreakerSpec value) {
    this.instanceBreakers = requireNonNull(value, "instanceBreakers");
    return this;
  }

  /**
   * Refuses attempts at once when so many are under way; without a bound by default.
   *
   * @param value attempts, 1 or more
   * @return this
   */
  public CallPolicyBuilder bulkhead(int value) {
    this.bulkhead = value;
    return this;
  }

  /**
   * Refuses attempts at once when more would only wait at the server, those of low priority first; off by default.
   *
   * @param value a limit with this policy's ticker
   * @return this
   */
  public CallPolicyBuilder limit(AdaptiveLimit value) {
    this.limit = requireNonNull(value, "limit");
    return this;
  }

  /**
   * Sets what answers and exceptions mean to {@link CallPolicy#call} and {@link AsyncCalls}; {@link Outcomes#ofExceptions()} by default.
   *
   * @param value knows the client
   * @return this
   */
  public CallPolicyBuilder outcomes(Outcomes value) {
    this.outcomes = requireNonNull(value, "outcomes");
    return this;
  }

  /**
   * Sets what measures attempts and waits; {@link Ticker#system()} by default.
   *
   * @param value a ticker
   * @return this
   */
  public CallPolicyBuilder ticker(Ticker value) {
    this.ticker = requireNonNull(value, "ticker");
    return this;
  }

  /**
   * Sets what waits are drawn from; {@link RandomGenerator#getDefault()} by default. Used by one thread at a time.
   *
   * @param value a generator
   * @return this
   */
  public CallPolicyBuilder random(RandomGenerator value) {
    this.random = requireNonNull(value, "random");
    return this;
  }

  /**
   * Sets where it reports; {@link Telemetry#noop()} by default.
   *
   * @param value telemetry
   * @return this
   */
  public CallPolicyBuilder telemetry(Telemetry value) {
    this.telemetry = requireNonNull(value, "telemetry");
    return this;
  }

  /**
   * Builds the policy.
   *
   * @return a policy
   * @throws IllegalArgumentException that names every fault
   * @throws dev.msk.core.MissingDependencyException if a breaker is asked for and its library is not there
   */
  public CallPolicy build() {
    new Faults()
        .check(!service.isBlank(), "service", "\"" + service + "\"", "not blank")
        .positive("timeout", timeout)
        .check(timeout.compareTo(MAX_TIMEOUT) <= 0, "timeout", timeout, "at most a day")
        .positive("attemptTimeout", attemptTimeout)
        .check(
            attemptTimeout.compareTo(MAX_TIMEOUT) <= 0,
            "attemptTimeout",
            attemptTimeout,
            "at most a day")
        .check(retries >= 0 && retries <= MAX_RETRIES, "retries", retries, "0 to " + MAX_RETRIES)
        .check(bulkhead >= 1, "bulkhead", bulkhead, "1 or more")
        .report();
    if (circuitBreaker != null || instanceBreakers != null) {
      OptionalDependency.of(
              CallPolicy.class,
              "resilience4j-circuitbreaker",
              "io.github.resilience4j.circuitbreaker.CircuitBreaker")
          .require("CallPolicy's circuit breaker");
    }
    return new CallPolicy(this);
  }
}
