package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import dev.msk.core.internal.CurrentContext;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the calls to one service: whether an attempt may go out, how long it may take, and whether a failed one is repeated. By
 * default a call has 10 s, an attempt 3 s, and there are 2 retries on a budget of a fifth of the calls and 10 a second; breakers and limits
 * are off until they are asked for.
 *
 * <pre>{@code
 * CallPolicy orders = CallPolicy.builder("orders").circuitBreaker(CircuitBreakerSpec.defaults()).build();
 *
 * Order order = orders.call(CallSpec.repeatable(), attempt -> client.get(id, attempt.timeout()));
 * }</pre>
 *
 * <p><b>Without blocking.</b> {@link #acquire} and {@link Attempt#done} never wait: an event loop asks for a {@link Permit}, makes the
 * attempt, says how it ended, and gets a {@link Verdict}. {@link #call} is a small loop over the two that blocks, {@link AsyncCalls} one over
 * futures. The way of a call through them is the table {@link CallTransition}.
 *
 * <p><b>What keeps retries from making it worse.</b> Only what may be repeated is, or what cannot have reached the server
 * ({@link Outcome.Kind#NOT_SENT}). Waits are drawn at random ({@link Backoff}). Each retry is paid from a {@link RetryBudget}. What the server says
 * about it holds ({@link Outcome#retryAfter}). And in a chain of services one layer retries: a call whose caller retries it arrives marked
 * ({@link CallContext#retriedUpstream()}), and is then repeated here after {@link Outcome.Kind#NOT_SENT} only, from the part of the budget that is
 * there without calls.
 *
 * <p><b>Deadlines.</b> A call ends with its context's deadline, its spec's timeout or the policy's, whichever is first. An attempt is
 * refused when less is left than the fastest answer of the last 10 to 20 s took, and never gets more time than the call has.
 *
 * <p><b>Cost.</b> An attempt is one object, a refusal none. Its context is made once somebody asks for it.
 *
 * <p>Counters, all with the tag {@code service}: {@code msk.call.transitions} (tag {@code transition}, of {@link CallTransition}),
 * {@code msk.call.attempts} ({@code kind}, of {@link Outcome.Kind}), {@code msk.call.failures} ({@code reason}, of {@link Final}),
 * {@code msk.call.refusals} ({@code reason}, of {@link RefusalReason}). Gauges: {@code msk.call.in_flight}, {@code msk.call.retry_budget},
 * {@code msk.call.limit}, and {@code msk.call.breaker}, 0 closed, 1 half-open, 2 open.
 *
 * <p>Thread-safe. One for each service that is called, for as long as the process lives; {@link #close()} takes its gauges out of use and
 * nothing else.
 */
public final class CallPolicy implements AutoCloseable {

  /**
   * What is to be called.
   *
   * @param <T> the type of the answer
   * @param <X> what it throws
   */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object, X extends Exception> {

    /**
     * Makes one attempt, in the context {@link Attempt#context()}.
     *
     * @param attempt how long it may take, and which one it is; the loop says how it ended
     * @return the answer
     * @throws X if it failed
     */
    T run(Attempt attempt) throws X;
  }

  private static final long UNBOUNDED = Long.MAX_VALUE / 4;
  private static final Outcome UNKNOWN = Outcome.failed().retryAfter(Duration.ofNanos(-1));

  private final String service;
  private final Ticker ticker;
  private final long timeoutNanos;
  private final long attemptTimeoutNanos;
  private final RetryBudget budget;
  private final boolean budgetHasOurTicker;
  private final RetryRule retry;
  private final CallGates gates;
  private final @Nullable InstanceBreakers instances;
  private final Outcomes outcomes;
  private final CallTelemetry telemetry;

  CallPolicy(CallPolicyBuilder builder) {
    this.service = builder.service;
    this.ticker = builder.ticker;
    this.timeoutNanos = builder.timeout.toNanos();
    this.attemptTimeoutNanos = builder.attemptTimeout.toNanos();
    this.budget =
        builder.budget == null ? RetryBudget.builder().ticker(ticker).build() : builder.budget;
    this.budgetHasOurTicker = budget.isMeasuredBy(ticker);
    this.retry = new RetryRule(builder.retries, builder.backoff, budget, builder.random);
    this.outcomes = builder.outcomes;
    CircuitBreakerSpec spec = builder.circuitBreaker;
    long now = ticker.nanoTime();
    Breaker breaker = spec == null ? null : new Breaker(service, Breaker.config(spec, ticker), now);
    this.gates = new CallGates(
        builder.bulkhead,
        builder.limit,
        breaker,
        (spec == null ? CircuitBreakerSpec.defaults() : spec).openFor(),
        now);
    this.instances = builder.instanceBreakers == null
        ? null
        : new InstanceBreakers(service, builder.instanceBreakers, ticker);
    this.telemetry = new CallTelemetry(builder.telemetry, service);
    registerGauges(builder.limit, breaker);
  }

  /**
   * Starts a policy with the defaults: 10 s for a call, 3 s for an attempt, 2 retries; no bulkhead, no limit, no breaker.
   *
   * @param service what is called, for metrics and messages
   * @return a builder
   */
  public static CallPolicyBuilder builder(String service) {
    return new CallPolicyBuilder(service);
  }

  /**
   * Asks for the first attempt of a call in this thread's {@link CallContext}.
   *
   * @param spec what kind of call it is
   * @return the attempt, to be ended with {@link Attempt#done}, or that it is refused
   */
  public Permit acquire(CallSpec spec) {
    return acquire(spec, CallContext.current());
  }

  /**
   * Asks for the first attempt of a call. Never waits.
   *
   * @param spec what kind of call it is
   * @param context for whom it is made: its deadline and whether somebody upstream retries count
   * @return the attempt, to be ended with {@link Attempt#done}, or that it is refused
   */
  public Permit acquire(CallSpec spec, CallContext context) {
    long now = ticker.nanoTime();
    long endsAt =
        now + Math.min(Math.min(timeoutNanos, spec.timeoutNanos()), remainingNanos(context));
    Refused refused = gates.enter(spec, now, endsAt);
    if (refused != null) {
      return refuse(CallTransition.REFUSE, refused);
    }
    if (!context.retriedUpstream()) {
      deposit(now);
    }
    telemetry.moved(CallTransition.START);
    return new Attempt(this, spec, context, now, endsAt, 1);
  }

  /**
   * Makes a call in this thread, with retries, and waits for it. Each attempt runs in its own {@link Attempt#context()}, so that a policy
   * within it sees that this one retries.
   *
   * <p>An interrupt while the next attempt is waited for ends the call: the failure of the last one goes out and the thread stays
   * interrupted.
   *
   * @param spec what kind of call it is
   * @param work makes an attempt
   * @param <T> the type of the answer
   * @param <X> what the work throws
   * @return the answer of the last attempt
   * @throws X the failure of the last attempt; if another one was refused after it, that is suppressed in it
   * @throws CallRefusedException if the first attempt was refused
   */
  public <T extends @Nullable Object, X extends Exception> T call(CallSpec spec, Work<T, X> work)
      throws X {
    requireNonNull(work, "work");
    Permit permit = acquire(spec);
    if (permit instanceof Refused refused) {
      throw new CallRefusedException(service, refused);
    }
    Attempt attempt = (Attempt) permit;
    while (true) {
      Attempt next;
      try {
        T result = run(attempt, work);
        next = next(attempt, outcomes.ofResult(result), null);
        if (next == null) {
          return result;
        }
      } catch (Throwable failure) {
        next = next(attempt, outcomeOf(failure), failure);
        if (next == null) {
          throw failure;
        }
      }
      attempt = next;
    }
  }

  /**
   * Makes a call as {@link #call} does, and something else in its place if it fails or is refused.
   *
   * @param spec what kind of call it is
   * @param work makes an attempt
   * @param fallback what there is instead, of the final failure: a {@link CallRefusedException} if nothing was sent. What it throws goes out,
   *     with the failure suppressed
   * @param <T> the type of the answer
   * @return the answer of the last attempt, or of the fallback
   */
  public <T extends @Nullable Object> T callOrElse(
      CallSpec spec, Work<T, ?> work, Function<? super Exception, ? extends T> fallback) {
    requireNonNull(fallback, "fallback");
    try {
      return call(spec, work);
    } catch (Exception failure) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      try {
        return fallback.apply(failure);
      } catch (RuntimeException e) {
        e.addSuppressed(failure);
        throw e;
      }
    }
  }

  /**
   * How long a call may take, all attempts and waits.
   *
   * @return the timeout; a call's own, or its context's deadline, may be earlier
   */
  public Duration timeout() {
    return Duration.ofNanos(timeoutNanos);
  }

  /** Takes the gauges of this policy out of use; it goes on deciding. A second call does nothing. */
  @Override
  public void close() {
    telemetry.close();
  }

  Verdict done(Attempt attempt, Outcome outcome) {
    long now = ticker.nanoTime();
    Verdict verdict = verdict(attempt, outcome, now);
    CallTransition arrow = arrow(verdict);
    if (!attempt.move(arrow)) {
      retry.undo(verdict);
      return Final.LATE;
    }
    gates.leave(outcome, attempt.startedAt(), now);
    attempt.tellInstance(outcome, now);
    telemetry.moved(arrow);
    telemetry.attempted(outcome);
    if (arrow == CallTransition.GIVE_UP) {
      telemetry.failed((Final) verdict);
    }
    return verdict;
  }

  /** The attempt after one that failed; null if the wait for it is over already. */
  @Nullable
  Permit acquireAgain(RetryAfter after, Attempt failed) {
    long now = ticker.nanoTime();
    Refused refused = gates.enter(failed.spec(), now, failed.endsAt());
    if (!after.move(refused == null ? CallTransition.RETRY : CallTransition.REFUSE_RETRY)) {
      if (refused == null) {
        gates.leave(Outcome.cancelled(), now, now);
      }
      return null;
    }
    if (refused != null) {
      return refuse(CallTransition.REFUSE_RETRY, refused);
    }
    telemetry.moved(CallTransition.RETRY);
    return new Attempt(
        this, failed.spec(), failed.caller(), now, failed.endsAt(), failed.number() + 1);
  }

  boolean abandon(RetryAfter after) {
    boolean isFirst = after.move(CallTransition.ABANDON);
    if (isFirst) {
      telemetry.moved(CallTransition.ABANDON);
    }
    return isFirst;
  }

  /** The breaker of an instance; null if instances have none. */
  @Nullable
  Breaker instance(String id) {
    return instances == null ? null : instances.of(id);
  }

  boolean repeats(CallSpec spec) {
    return retry.repeats(spec);
  }

  Outcomes outcomes() {
    return outcomes;
  }

  String service() {
    return service;
  }

  Ticker ticker() {
    return ticker;
  }

  long attemptTimeoutNanos() {
    return attemptTimeoutNanos;
  }

  /** What an exception means; one that cannot be told is not repeated. */
  Outcome outcomeOf(Throwable failure) {
    try {
      return outcomes.ofFailure(Outcomes.unwrap(failure));
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      return UNKNOWN;
    }
  }

  private Refused refuse(CallTransition arrow, Refused refused) {
    telemetry.moved(arrow);
    telemetry.refused(refused);
    return refused;
  }

  private Verdict verdict(Attempt attempt, Outcome outcome, long now) {
    return switch (outcome.kind()) {
      case OK -> Final.ANSWERED;
      case CANCELLED -> Final.CANCELLED;
      case NOT_SENT, FAILED, TIMED_OUT, OVERLOADED ->
        retry.judge(attempt, outcome, now, gates.leastNanos(attempt.spec(), now));
    };
  }

  private static CallTransition arrow(Verdict verdict) {
    if (verdict == Final.ANSWERED) {
      return CallTransition.SUCCEED;
    }
    if (verdict == Final.CANCELLED) {
      return CallTransition.CANCEL;
    }
    return verdict instanceof RetryAfter ? CallTransition.BACK_OFF : CallTransition.GIVE_UP;
  }

  /** Makes an attempt in its context, which is not made before the work, or what it calls, asks for it. */
  private static <T extends @Nullable Object, X extends Exception> T run(
      Attempt attempt, Work<T, X> work) throws X {
    CurrentContext.Source before = CurrentContext.get();
    CurrentContext.set(attempt::context);
    try {
      return work.run(attempt);
    } finally {
      CurrentContext.set(before);
    }
  }

  /** The attempt after the one that ended, once its time has come; null if that was the last. */
  private @Nullable Attempt next(Attempt ended, Outcome outcome, @Nullable Throwable failure) {
    if (!(ended.done(outcome) instanceof RetryAfter after)) {
      return null;
    }
    if (!pause(after.delayNanos())) {
      after.cancel();
      return null;
    }
    Permit permit = after.acquire();
    if (permit instanceof Attempt attempt) {
      return attempt;
    }
    if (failure != null) {
      failure.addSuppressed(new CallRefusedException(service, (Refused) permit));
    }
    return null;
  }

  /** Waits by the policy's ticker; false, and at once, if the thread is interrupted. */
  private boolean pause(long nanos) {
    long end = ticker.nanoTime() + nanos;
    for (long left = nanos;
        !Thread.currentThread().isInterrupted();
        left = end - ticker.nanoTime()) {
      if (left <= 0) {
        return true;
      }
      LockSupport.parkNanos(this, left);
    }
    return false;
  }

  private void deposit(long now) {
    if (budgetHasOurTicker) {
      budget.deposit(now);
    } else {
      budget.deposit();
    }
  }

  private static long remainingNanos(CallContext context) {
    Deadline deadline = context.deadline().orElse(null);
    return deadline == null ? UNBOUNDED : deadline.remainingNanos();
  }

  private void registerGauges(@Nullable AdaptiveLimit limit, @Nullable Breaker breaker) {
    telemetry.gauge("msk.call.in_flight", "Attempts under way", "{attempt}", gates::inFlight);
    telemetry.gauge("msk.call.retry_budget", "Retries left", "{retry}", budget::balance);
    if (limit != null) {
      telemetry.gauge(
          "msk.call.limit", "Attempts that may be under way", "{attempt}", limit::limit);
    }
    if (breaker != null) {
      telemetry.gauge("msk.call.breaker", "State of the breaker", "1", breaker::reading);
    }
  }

  @Override
  public String toString() {
    return "CallPolicy[" + service + ", " + gates.inFlight() + " in flight]";
  }
}
