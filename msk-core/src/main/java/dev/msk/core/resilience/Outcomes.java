package dev.msk.core.resilience;

import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What answers and exceptions of some client mean to a policy, for the loops that make the attempts themselves. Implementations are
 * thread-safe.
 */
@FunctionalInterface
public interface Outcomes {

  /**
   * The meaning of an exception.
   *
   * @param failure what the attempt threw, or what its stage failed with, without wrappers of futures
   * @return how the attempt ended
   */
  Outcome ofFailure(Throwable failure);

  /**
   * The meaning of what an attempt returned: {@link Outcome#ok()} by default. A client whose answers can say "unavailable" says so here; if the
   * call may not be repeated, that answer is the call's result.
   *
   * @param result what the attempt returned
   * @return how the attempt ended
   */
  default Outcome ofResult(@Nullable Object result) {
    return Outcome.ok();
  }

  /**
   * By the exceptions of the JDK: refused connections, unknown hosts and refusals of a policy within were not sent; timeouts timed out;
   * interrupts and cancellations are cancelled; every other exception is a failure; an {@link Error} is a failure that is not repeated.
   *
   * @return the meaning of exceptions
   */
  static Outcomes ofExceptions() {
    return Outcomes::ofException;
  }

  /**
   * What went wrong, without the wrappers that futures put around it.
   *
   * @param failure an exception
   * @return its innermost cause that is not a {@link CompletionException} or an {@link ExecutionException}
   */
  static Throwable unwrap(Throwable failure) {
    Throwable unwrapped = failure;
    while ((unwrapped instanceof CompletionException || unwrapped instanceof ExecutionException)
        && unwrapped.getCause() != null) {
      unwrapped = unwrapped.getCause();
    }
    return unwrapped;
  }

  private static Outcome ofException(Throwable failure) {
    if (failure instanceof Error) {
      return Outcome.failed().retryAfter(Duration.ofNanos(-1));
    }
    if (failure instanceof CallRefusedException refused) {
      Duration retryAfter = refused.retryAfter();
      return retryAfter.isZero() ? Outcome.notSent() : Outcome.notSent().retryAfter(retryAfter);
    }
    if (failure instanceof ConnectException
        || failure instanceof NoRouteToHostException
        || failure instanceof UnknownHostException) {
      return Outcome.notSent();
    }
    if (failure instanceof TimeoutException || failure instanceof SocketTimeoutException) {
      return Outcome.timedOut();
    }
    if (failure instanceof InterruptedException
        || failure instanceof InterruptedIOException
        || failure instanceof CancellationException) {
      return Outcome.cancelled();
    }
    return Outcome.failed();
  }
}
