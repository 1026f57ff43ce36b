package dev.msk.discovery.http;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scheduler;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.Lease.Outcome;
import dev.msk.discovery.NoInstanceException;
import dev.msk.discovery.http.Route.Failure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
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
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One call: attempts, one after another, until one is final. Each step happens after the one before it; {@code result} is what
 * other threads see.
 */
final class HttpCall<T> {

  private static final Set<Integer> UNAVAILABLE = Set.of(502, 503, 504);

  private final DiscoveringHttpClient client;
  private final String service;
  private final HttpRequest request;
  private final BodyHandler<T> handler;
  private final Route route;
  private final Duration limit;
  private final Deadline deadline;
  private final TelemetryContext parent;
  private final boolean repeatable;
  private final CompletableFuture<HttpResponse<T>> result = new CompletableFuture<>();
  private volatile @Nullable CompletableFuture<HttpResponse<T>> exchange;
  private @Nullable Throwable failure;

  HttpCall(
      DiscoveringHttpClient client,
      String service,
      HttpRequest request,
      BodyHandler<T> handler,
      RetryBudget budget) {
    this.client = client;
    this.service = service;
    this.request = request;
    this.handler = handler;
    this.route = new Route(client.balancer, service, budget, client.maxAttempts);
    Duration whole = client.attemptTimeout.multipliedBy(client.maxAttempts);
    Duration asked = least(whole, request.timeout());
    this.limit = least(asked, CallContext.current().remaining());
    this.deadline = Deadline.after(limit, client.ticker);
    this.parent = client.telemetry.current();
    this.repeatable = client.repeatable.test(request);
  }

  private static Duration least(Duration bound, Optional<Duration> other) {
    return other.filter(less -> less.compareTo(bound) < 0).orElse(bound);
  }

  CompletableFuture<HttpResponse<T>> start() {
    var unused = result.whenComplete((response, error) -> {
      CompletableFuture<HttpResponse<T>> running = exchange;
      if (result.isCancelled() && running != null) {
        running.cancel(true);
      }
    });
    route.first().ifPresentOrElse(this::attempt, this::waitForRegistry);
    return result;
  }

  /** Nothing is known of the service, or that it has no instance: the first is worth a wait. */
  private void waitForRegistry() {
    Scheduler.Task end = client.scheduler.schedule(
        deadline.remaining(),
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
                this::attempt,
                () -> result.completeExceptionally(new NoInstanceException(snapshot)));
      }
    });
  }

  private void attempt(Lease lease) {
    long startedAt = client.ticker.nanoTime();
    Instance instance = lease.instance();
    Duration time = least(client.attemptTimeout, Optional.of(deadline.remaining()));
    if (time.isZero() || result.isDone()) {
      lease.done(Outcome.CANCELLED, 0);
      fail(new HttpTimeoutException(service + ": no time is left of " + limit));
      return;
    }
    route.attempted();
    Operation operation = client.operation.bind(service, request.method()).start(parent);
    operation
        .attribute("server.address", instance.host())
        .attribute("server.port", instance.port());
    Handover handover = new Handover(instance);
    authorization()
        .thenCompose(header -> exchange(instance, time, header, operation, handover))
        .whenComplete((response, error) -> {
          Throwable cause = error == null ? null : unwrap(error);
          boolean unavailable = response != null && UNAVAILABLE.contains(response.statusCode());
          if (cause != null) {
            operation.error(cause);
          } else if (response != null) {
            operation.attribute("http.response.status_code", response.statusCode());
            operation.outcome(unavailable ? "unavailable" : "ok");
          }
          operation.close();
          lease.done(outcome(cause, unavailable), client.ticker.nanoTime() - startedAt);
          finish(instance, response, cause, handover.end());
        });
  }

  private Outcome outcome(@Nullable Throwable cause, boolean unavailable) {
    if (result.isCancelled()) {
      return Outcome.CANCELLED;
    }
    return cause != null || unavailable ? Outcome.FAILED : Outcome.OK;
  }

  private CompletionStage<String> authorization() {
    return client.credentials == null
        ? CompletableFuture.completedStage("")
        : CompletableFuture.completedStage(client.credentials)
            .thenCompose(source -> source.credential(service))
            .thenApply(credential -> credential.scheme() + " " + credential.value());
  }

  private CompletionStage<HttpResponse<T>> exchange(
      Instance instance,
      Duration time,
      String authorization,
      Operation operation,
      Handover handover) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(request, (name, value) -> true)
        .uri(address(instance))
        .timeout(time);
    operation.inject(builder, HttpRequest.Builder::setHeader);
    if (!authorization.isEmpty()) {
      builder.setHeader("Authorization", authorization);
    }
    CompletableFuture<HttpResponse<T>> running =
        client.client(service).sendAsync(builder.build(), handover);
    exchange = running;
    if (result.isCancelled()) {
      running.cancel(true);
    }
    // The request's own timeout ends with the headers; a body may stall.
    AtomicBoolean expired = new AtomicBoolean();
    Scheduler.Task end = client.scheduler.schedule(time, () -> {
      expired.set(true);
      running.cancel(true);
    });
    return running.handle((response, error) -> {
      end.cancel();
      if (error == null) {
        return response;
      }
      Throwable cause = unwrap(error);
      boolean late = expired.get() || cause.getClass() == HttpTimeoutException.class;
      throw new CompletionException(
          late
              ? new HttpTimeoutException(at(instance) + "no answer within " + time)
              : named(instance, cause));
    });
  }

  /** The JDK's connect failures do not say where to. */
  private Throwable named(Instance instance, Throwable cause) {
    if (cause instanceof HttpConnectTimeoutException) {
      return new HttpConnectTimeoutException(at(instance) + "no connection in time")
          .initCause(cause);
    }
    return cause instanceof ConnectException
        ? new ConnectException(at(instance) + "cannot connect").initCause(cause)
        : cause;
  }

  private String at(Instance instance) {
    return service + " at " + instance.authority() + ": ";
  }

  private URI address(Instance instance) {
    URI uri = request.uri();
    boolean wantsTls = "https".equalsIgnoreCase(uri.getScheme());
    if (wantsTls && !instance.tls()) {
      throw new IllegalArgumentException("uri: " + uri + ", but " + instance.authority()
          + " does not speak TLS (expected: http, or an instance with tls)");
    }
    String path = uri.getRawPath();
    String query = uri.getRawQuery();
    return URI.create((instance.tls() ? "https://" : "http://")
        + instance.authority()
        + (path == null ? "" : path)
        + (query == null ? "" : "?" + query));
  }

  private void finish(
      Instance instance,
      @Nullable HttpResponse<T> response,
      @Nullable Throwable cause,
      @Nullable Lease next) {
    if (next != null) {
      attempt(next);
    } else if (cause == null) {
      result.complete(response);
    } else {
      Optional<Lease> other =
          cause instanceof IOException ? another(instance, Failure.of(cause)) : Optional.empty();
      other.ifPresentOrElse(
          lease -> {
            remember(cause);
            attempt(lease);
          },
          () -> fail(cause));
    }
  }

  private Optional<Lease> another(Instance failed, Failure failure) {
    boolean harmless = repeatable || !failure.mayHaveArrived();
    return harmless && !result.isDone() && !deadline.isExpired()
        ? route.next(failed, failure)
        : Optional.empty();
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

  private static Throwable unwrap(Throwable error) {
    Throwable cause = error.getCause();
    return error instanceof CompletionException && cause != null ? cause : error;
  }

  /** Reads the body, or throws it away when the answer is a refusal and the next attempt has a place to go. */
  private final class Handover implements BodyHandler<T> {

    private final Instance failed;
    private @Nullable Lease next;
    private boolean ended;

    Handover(Instance failed) {
      this.failed = failed;
    }

    @Override
    public BodySubscriber<T> apply(ResponseInfo info) {
      return UNAVAILABLE.contains(info.statusCode()) && findNext()
          ? BodySubscribers.mapping(BodySubscribers.discarding(), nothing -> null)
          : handler.apply(info);
    }

    /** Nothing is picked once the attempt is over: headers may come while it is being given up. */
    private synchronized boolean findNext() {
      if (!ended && next == null) {
        next = another(failed, Failure.UNAVAILABLE).orElse(null);
      }
      return next != null;
    }

    synchronized @Nullable Lease end() {
      ended = true;
      return next;
    }
  }
}
