package dev.msk.discovery.http;

import dev.msk.core.CallContext;
import dev.msk.core.Scheduler;
import dev.msk.core.resilience.Outcomes;
import dev.msk.core.telemetry.Operation;
import dev.msk.discovery.Instance;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One request to one instance: its address, its headers, its time; a failure says where. Thread-safe. */
final class Exchange<T> {

  private final DiscoveringHttpClient client;
  private final String service;
  private final Instance instance;
  private final HttpRequest request;
  private volatile @Nullable CompletableFuture<HttpResponse<T>> running;
  private volatile boolean cancelled;

  Exchange(DiscoveringHttpClient client, String service, Instance instance, HttpRequest request) {
    this.client = client;
    this.service = service;
    this.instance = instance;
    this.request = request;
  }

  /**
   * Sends it.
   *
   * @param context travels in headers; its deadline ends the exchange
   * @param operation travels too
   * @param attemptTimeout what is said if that was not long enough
   */
  CompletionStage<HttpResponse<T>> send(
      CallContext context, Operation operation, Duration attemptTimeout, BodyHandler<T> handler) {
    return authorization().thenCompose(header -> {
      HttpRequest.Builder ready =
          HttpRequest.newBuilder(request, (name, value) -> true).uri(address());
      operation.inject(ready, HttpRequest.Builder::setHeader);
      client.headers.inject(context, ready, HttpRequest.Builder::setHeader);
      if (!header.isEmpty()) {
        ready.setHeader("Authorization", header);
      }
      Duration time = context.remaining().orElse(attemptTimeout);
      if (time.isZero()) {
        throw new CompletionException(late(attemptTimeout));
      }
      return within(time, attemptTimeout, ready.timeout(time).build(), handler);
    });
  }

  /** Nobody wants the answer any more. */
  void cancel() {
    cancelled = true;
    CompletableFuture<HttpResponse<T>> current = running;
    if (current != null) {
      current.cancel(true);
    }
  }

  private CompletionStage<String> authorization() {
    return client.credentials == null
        ? CompletableFuture.completedStage("")
        : CompletableFuture.completedStage(client.credentials)
            .thenCompose(source -> source.credential(service))
            .thenApply(credential -> credential.scheme() + " " + credential.value());
  }

  private URI address() {
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

  private CompletionStage<HttpResponse<T>> within(
      Duration time, Duration attemptTimeout, HttpRequest ready, BodyHandler<T> handler) {
    CompletableFuture<HttpResponse<T>> current = client.client(service).sendAsync(ready, handler);
    running = current;
    if (cancelled) {
      current.cancel(true);
    }
    // The request's own timeout ends with the headers; a body may stall.
    AtomicBoolean expired = new AtomicBoolean();
    Scheduler.Task end = client.scheduler.schedule(time, () -> {
      expired.set(true);
      current.cancel(true);
    });
    return current.handle((response, error) -> {
      end.cancel();
      if (error == null) {
        return response;
      }
      Throwable cause = Outcomes.unwrap(error);
      boolean late = expired.get() || cause.getClass() == HttpTimeoutException.class;
      throw new CompletionException(late ? late(attemptTimeout) : named(cause));
    });
  }

  private HttpTimeoutException late(Duration attemptTimeout) {
    return new HttpTimeoutException(at() + "no answer within " + attemptTimeout);
  }

  /** The JDK's connect failures do not say where to. */
  private Throwable named(Throwable cause) {
    if (cause instanceof HttpConnectTimeoutException) {
      return new HttpConnectTimeoutException(at() + "no connection in time").initCause(cause);
    }
    return cause instanceof ConnectException
        ? new ConnectException(at() + "cannot connect").initCause(cause)
        : cause;
  }

  private String at() {
    return service + " at " + instance.authority() + ": ";
  }
}
