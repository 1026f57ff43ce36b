package dev.msk.core.resilience;

import dev.msk.core.CallContext;
import dev.msk.core.Scheduler;
import dev.msk.core.Scope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call over futures: attempts, one after another, until one is final. Each step happens after the one before it; an attempt that its
 * timer and its stage end at once is ended by the first of them. Thread-safe.
 */
final class AsyncCall<T> {

  private final CallPolicy policy;
  private final Scheduler scheduler;
  private final Function<? super Attempt, ? extends CompletionStage<T>> work;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  /** Stops what is under way; does nothing once that is over. */
  private volatile @Nullable Runnable stop;

  AsyncCall(
      CallPolicy policy,
      Scheduler scheduler,
      Function<? super Attempt, ? extends CompletionStage<T>> work) {
    this.policy = policy;
    this.scheduler = scheduler;
    this.work = work;
  }

  CompletableFuture<T> start(CallSpec spec, CallContext context) {
    Permit permit = policy.acquire(spec, context);
    if (permit instanceof Refused refused) {
      return CompletableFuture.failedFuture(new CallRefusedException(policy.service(), refused));
    }
    var unused = result.whenComplete((value, error) -> stopIfCancelled());
    attempt((Attempt) permit);
    return result;
  }

  private void attempt(Attempt attempt) {
    CompletableFuture<T> stage = begin(attempt);
    Scheduler.Task timer;
    try {
      timer = scheduler.schedule(attempt.timeout(), () -> timeOut(attempt, stage));
    } catch (RejectedExecutionException e) {
      attempt.done(Outcome.cancelled());
      stage.cancel(true);
      result.completeExceptionally(e);
      return;
    }
    stop = () -> {
      timer.cancel();
      attempt.done(Outcome.cancelled());
      stage.cancel(true);
    };
    stopIfCancelled();
    var unused = stage.whenComplete((value, error) -> {
      timer.cancel();
      if (error == null) {
        answered(attempt, value);
      } else {
        failed(attempt, Outcomes.unwrap(error));
      }
    });
  }

  private CompletableFuture<T> begin(Attempt attempt) {
    try (Scope scope = attempt.context().makeCurrent()) {
      return work.apply(attempt).toCompletableFuture();
    } catch (Throwable e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void timeOut(Attempt attempt, CompletableFuture<T> stage) {
    failed(
        attempt,
        new TimeoutException(policy.service() + ": no answer within " + attempt.timeout()));
    stage.cancel(true);
  }

  private void answered(Attempt attempt, @Nullable T value) {
    Outcome outcome;
    try {
      outcome = policy.outcomes().ofResult(value);
    } catch (RuntimeException e) {
      failed(attempt, e);
      return;
    }
    ended(attempt.done(outcome), value, null);
  }

  private void failed(Attempt attempt, Throwable failure) {
    ended(attempt.done(policy.outcomeOf(failure)), null, failure);
  }

  private void ended(Verdict verdict, @Nullable T value, @Nullable Throwable failure) {
    if (verdict instanceof RetryAfter after) {
      backOff(after, value, failure);
    } else if (verdict != Final.LATE) {
      complete(value, failure);
    }
  }

  private void backOff(RetryAfter after, @Nullable T value, @Nullable Throwable failure) {
    Scheduler.Task timer;
    try {
      timer = scheduler.schedule(after.delay(), () -> again(after, value, failure));
    } catch (RejectedExecutionException e) {
      after.cancel();
      if (failure != null) {
        failure.addSuppressed(e);
      }
      complete(value, failure);
      return;
    }
    stop = () -> {
      timer.cancel();
      after.cancel();
    };
    stopIfCancelled();
  }

  private void again(RetryAfter after, @Nullable T value, @Nullable Throwable failure) {
    Permit permit = after.tryAcquire();
    if (permit instanceof Attempt attempt) {
      attempt(attempt);
    } else if (permit instanceof Refused refused) {
      if (failure != null) {
        failure.addSuppressed(new CallRefusedException(policy.service(), refused));
      }
      complete(value, failure);
    }
  }

  private void complete(@Nullable T value, @Nullable Throwable failure) {
    if (failure == null) {
      result.complete(value);
    } else {
      result.completeExceptionally(failure);
    }
  }

  private void stopIfCancelled() {
    Runnable current = stop;
    if (result.isCancelled() && current != null) {
      current.run();
    }
  }
}
