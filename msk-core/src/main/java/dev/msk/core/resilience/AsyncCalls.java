package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Scheduler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Makes calls that answer by futures under a {@link CallPolicy}: with retries, and without a thread that waits. Attempts that take longer
 * than they may are given up and cancelled. Thread-safe.
 *
 * <pre>{@code
 * AsyncCalls orders = AsyncCalls.of(policy, scheduler);
 * orders.call(CallSpec.repeatable(), attempt -> http.sendAsync(request(attempt), ofString()))
 *     .exceptionally(failure -> lastKnown);
 * }</pre>
 */
public final class AsyncCalls {

  private final CallPolicy policy;
  private final Scheduler scheduler;

  private AsyncCalls(CallPolicy policy, Scheduler scheduler) {
    this.policy = policy;
    this.scheduler = scheduler;
  }

  /**
   * Calls under a policy.
   *
   * @param policy decides
   * @param scheduler waits before retries and ends attempts; it makes retries in its threads, so the work must not block
   * @return calls
   */
  public static AsyncCalls of(CallPolicy policy, Scheduler scheduler) {
    return new AsyncCalls(requireNonNull(policy, "policy"), requireNonNull(scheduler, "scheduler"));
  }

  /**
   * Makes a call in this thread's {@link CallContext}. Each attempt is begun in its own {@link Attempt#context()}.
   *
   * @param spec what kind of call it is
   * @param work begins an attempt; what it throws is the attempt's failure
   * @param <T> the type of the answer
   * @return the answer of the last attempt, or its failure; {@link CallRefusedException} if the first was refused, suppressed in the failure if
   *     a later one was. Cancelling it cancels what is under way
   */
  public <T> CompletableFuture<T> call(
      CallSpec spec, Function<? super Attempt, ? extends CompletionStage<T>> work) {
    return new AsyncCall<T>(policy, scheduler, requireNonNull(work, "work"))
        .start(spec, CallContext.current());
  }
}
