package dev.msk.discovery.http;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scheduler;
import dev.msk.core.resilience.Attempt;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.resilience.CallRefusedException;
import dev.msk.core.resilience.CallSpec;
import dev.msk.core.resilience.Outcome;
import dev.msk.core.resilience.Outcomes;
import dev.msk.core.resilience.Permit;
import dev.msk.core.resilience.Refused;
import dev.msk.core.resilience.RetryAfter;
import dev.msk.core.resilience.Verdict;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.NoInstanceException;
import dev.msk.discovery.http.Route.Failure;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One call: attempts, one after another, until one is final. The policy says whether there is another one, the route where it goes;
 * an attempt that reached nobody goes on at the next instance. Each step happens after the one before it; {@code result} is what
 * other threads see.
 */
final class HttpCall<T> {

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final Set<Integer> UNAVAILABLE = Set.of(502, SERVICE_UNAVAILABLE, 504);

  /** What a policy does not repeat, whatever it is. */
  private static final Duration NEVER = Duration.ofNanos(-1);

  private final DiscoveringHttpClient client;
  private final String service;
  private final CallPolicy policy;
  private final HttpRequest request;
  private final BodyHandler<T> handler;
  private final Route route;
  private final CallContext caller;
  private final CallSpec spec;
  private final Duration limit;
  private final TelemetryContext parent;
  private final CompletableFuture<HttpResponse<T>> result = new CompletableFuture<>();
  /** Gives up what is under way; does nothing once that is over. */
  private volatile @Nullable Runnable stop;

  private @Nullable Throwable failure;

  HttpCall(
      DiscoveringHttpClient client,
      String service,
      CallPolicy policy,
      HttpRequest request,
      BodyHandler<T> handler) {
    this.client = client;
    this.service = service;
    this.policy = policy;
    this.request = request;
    this.handler = handler;
    this.route = new Route(client.balancer, service);
    this.caller = CallContext.current();
    CallSpec kind = client.repeatable.test(request) ? CallSpec.repeatable() : CallSpec.once();
    this.spec = request.timeout().map(kind::timeout).orElse(kind);
    this.limit = least(least(policy.timeout(), request.timeout()), caller.remaining());
    this.parent = client.telemetry.current();
  }

  private static Duration least(Duration bound, Optional<Duration> other) {
    return other.filter(less -> less.compareTo(bound) < 0).orElse(bound);
  }

  CompletableFuture<HttpResponse<T>> start() {
    var unused = result.whenComplete((response, error) -> stopIfCancelled());
    route.first().ifPresentOrElse(lease -> begin(lease, caller), this::waitForRegistry);
    return result;
  }

  /** Nothing is known of the service, or that it has no instance: the first is worth a wait, which is none of the policy's. */
  private void waitForRegistry() {
    Deadline deadline = Deadline.after(limit, client.ticker);
    CallContext waiting = caller.toBuilder().deadline(deadline).build();
    Scheduler.Task end = client.scheduler.schedule(
        limit,
        () -> result.completeExceptionally(
            new HttpTimeoutException(service + ": the registry has not answered within " + limit)));
    client.balancer.ready(service).whenComplete((snapshot, error) -> {
      end.cancel();
      if (error != null) {
        result.completeExceptionally(error);
      } else if (!result.isDone()) {
        route
            .first()
            .ifPresentOrElse(
                lease -> begin(lease, waiting),
                () -> result.completeExceptionally(new NoInstanceException(snapshot)));
      }
    });
  }

  private void begin(Lease lease, CallContext context) {
    Permit permit = policy.acquire(spec, context);
    if (permit instanceof Attempt attempt) {
      send(attempt, admitted(attempt, lease));
    } else {
      lease.done(Lease.Outcome.CANCELLED, 0);
      fail(refusal((Refused) permit));
    }
  }

  private Throwable refusal(Refused refused) {
    CallRefusedException refusal = new CallRefusedException(service, refused);
    return switch (refused.reason()) {
      case DEADLINE_EXPIRED ->
        new HttpTimeoutException(service + ": no time is left of " + limit).initCause(refusal);
      case NO_TIME ->
        new HttpTimeoutException(service + ": too little time is left of " + limit)
            .initCause(refusal);
      case BULKHEAD_FULL, LIMIT_REACHED, BREAKER_OPEN -> refusal;
    };
  }

  private Lease admitted(Attempt attempt, Lease lease) {
    return route.admitted(lease, instance -> attempt.tryInstance(instance.id()));
  }

  private void send(Attempt attempt, Lease lease) {
    Instance instance = lease.instance();
    CallContext context = attempt.context();
    if (isOver(attempt) || result.isDone()) {
      lease.done(Lease.Outcome.CANCELLED, 0);
      attempt.done(result.isDone() ? Outcome.cancelled() : Outcome.notSent().retryAfter(NEVER));
      fail(new HttpTimeoutException(service + ": no time is left of " + limit));
      return;
    }
    long startedAt = client.ticker.nanoTime();
    Operation operation = client
        .operation
        .bind(request.method(), service, String.valueOf(instance.port()))
        .start(parent);
    operation
        .attribute("network.peer.address", instance.host())
        .attribute("network.peer.port", instance.port());
    Exchange<T> exchange = new Exchange<>(client, service, instance, request);
    stopWith(exchange::cancel);
    Handover handover = new Handover(attempt, instance);
    exchange
        .send(context, operation, attempt.timeout(), handover)
        .whenComplete((response, error) -> {
          Throwable cause = error == null ? null : Outcomes.unwrap(error);
          if (cause != null) {
            operation.error(cause);
          } else if (response != null) {
            operation.outcome(Integer.toString(response.statusCode()));
          }
          operation.close();
          lease.done(ofLease(response, cause), client.ticker.nanoTime() - startedAt);
          finish(attempt, instance, response, cause, handover.end());
        });
  }

  /** Whether its time is used up: by a connection that was not made, say, so that what is left of the call is for another attempt. */
  private static boolean isOver(Attempt attempt) {
    return attempt.context().deadline().filter(Deadline::isExpired).isPresent();
  }

  private Lease.Outcome ofLease(@Nullable HttpResponse<T> response, @Nullable Throwable cause) {
    if (result.isCancelled()) {
      return Lease.Outcome.CANCELLED;
    }
    boolean unavailable = response != null && UNAVAILABLE.contains(response.statusCode());
    return cause != null || unavailable ? Lease.Outcome.FAILED : Lease.Outcome.OK;
  }

  private void finish(
      Attempt attempt,
      Instance instance,
      @Nullable HttpResponse<T> response,
      @Nullable Throwable cause,
      @Nullable Runnable next) {
    if (next != null) {
      next.run();
    } else if (cause == null) {
      attempt.done(response == null ? Outcome.ok() : ofAnswer(response.statusCode()));
      result.complete(response);
    } else if (cause instanceof IOException && !result.isDone()) {
      failed(attempt, instance, cause);
    } else {
      attempt.done(result.isCancelled() ? Outcome.cancelled() : Outcome.failed().retryAfter(NEVER));
      fail(cause);
    }
  }

  /** An answer that is handed on; breakers and limits learn what it was. */
  private static Outcome ofAnswer(int status) {
    if (status == TOO_MANY_REQUESTS || status == SERVICE_UNAVAILABLE) {
      return Outcome.overloaded().retryAfter(NEVER);
    }
    return status >= 500 ? Outcome.failed().retryAfter(NEVER) : Outcome.ok();
  }

  private void failed(Attempt attempt, Instance instance, Throwable cause) {
    Failure kind = Failure.of(cause);
    Lease other = route.next(instance, kind).orElse(null);
    if (other != null && !kind.mayHaveArrived() && !isOver(attempt)) {
      attempt.leaveInstance(Outcome.notSent());
      remember(cause);
      send(attempt, admitted(attempt, other));
      return;
    }
    Runnable next = again(attempt, ofFailure(kind, cause), other);
    if (next == null) {
      fail(cause);
    } else {
      remember(cause);
      next.run();
    }
  }

  private static Outcome ofFailure(Failure kind, Throwable cause) {
    if (!kind.mayHaveArrived()) {
      return Outcome.notSent();
    }
    return cause instanceof HttpTimeoutException ? Outcome.timedOut() : Outcome.failed();
  }

  /** What comes next if the policy has the attempt repeated; null if that was the last. */
  private @Nullable Runnable again(Attempt attempt, Outcome outcome, @Nullable Lease place) {
    Verdict verdict = attempt.done(place == null ? outcome.retryAfter(NEVER) : outcome);
    if (place == null) {
      return null;
    }
    if (!(verdict instanceof RetryAfter after)) {
      place.done(Lease.Outcome.CANCELLED, 0);
      return null;
    }
    if (!after.delay().isZero()) {
      place.done(Lease.Outcome.CANCELLED, 0);
      return () -> backOff(after);
    }
    Permit permit = after.acquire();
    if (permit instanceof Attempt next) {
      return () -> send(next, admitted(next, place));
    }
    place.done(Lease.Outcome.CANCELLED, 0);
    remember(new CallRefusedException(service, (Refused) permit));
    return null;
  }

  private void backOff(RetryAfter after) {
    Scheduler.Task timer;
    try {
      timer = client.scheduler.schedule(after.delay(), () -> resume(after));
    } catch (RejectedExecutionException e) {
      after.cancel();
      fail(e);
      return;
    }
    stopWith(() -> {
      if (timer.cancel()) {
        after.cancel();
      }
    });
  }

  private void resume(RetryAfter after) {
    Throwable last = requireNonNull(failure, "failure");
    Lease place = route.again().orElse(null);
    if (place == null) {
      after.cancel();
      fail(last);
      return;
    }
    Permit permit = after.acquire();
    if (permit instanceof Attempt next) {
      send(next, admitted(next, place));
    } else {
      place.done(Lease.Outcome.CANCELLED, 0);
      last.addSuppressed(new CallRefusedException(service, (Refused) permit));
      fail(last);
    }
  }

  private void remember(Throwable cause) {
    if (failure != null && failure != cause) {
      cause.addSuppressed(failure);
    }
    failure = cause;
  }

  private void fail(Throwable cause) {
    remember(cause);
    result.completeExceptionally(cause);
  }

  private void stopWith(Runnable step) {
    stop = step;
    stopIfCancelled();
  }

  private void stopIfCancelled() {
    Runnable current = stop;
    if (result.isCancelled() && current != null) {
      current.run();
    }
  }

  /** Reads the body, or throws it away when the answer is a refusal and the next attempt has a place to go. */
  private final class Handover implements BodyHandler<T> {

    private final Attempt attempt;
    private final Instance instance;
    private @Nullable Runnable next;
    private boolean ended;

    Handover(Attempt attempt, Instance instance) {
      this.attempt = attempt;
      this.instance = instance;
    }

    @Override
    public BodySubscriber<T> apply(ResponseInfo info) {
      return UNAVAILABLE.contains(info.statusCode()) && isRepeated(info.statusCode())
          ? BodySubscribers.mapping(BodySubscribers.discarding(), nothing -> null)
          : handler.apply(info);
    }

    /** Nothing is decided once the attempt is over: headers may come while it is being given up. */
    private synchronized boolean isRepeated(int status) {
      if (ended || result.isDone()) {
        return false;
      }
      if (next == null) {
        next = again(
            attempt,
            status == SERVICE_UNAVAILABLE ? Outcome.overloaded() : Outcome.failed(),
            route.next(instance, Failure.UNAVAILABLE).orElse(null));
        if (next != null) {
          remember(new IOException(
              service + " at " + instance.authority() + ": answered with " + status));
        }
      }
      return next != null;
    }

    synchronized @Nullable Runnable end() {
      ended = true;
      return next;
    }
  }
}
