package dev.msk.discovery.internal;

import dev.msk.core.Scheduler;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.discovery.internal.RegistryHttp.Reply;
import dev.msk.discovery.internal.RegistryHttp.Request;
import dev.msk.discovery.internal.RegistryHttp.StatusException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One call to a registry: server after server, until one answers. Each step happens after the one before it. */
final class RegistryCall {

  private static final int SERVER_ERROR = 500;

  private final RegistryHttp http;
  private final Request request;
  private final BodyHandler<byte[]> handler;
  private final int first;
  private final Operation running;
  private final CompletableFuture<Reply> result = new CompletableFuture<>();
  private volatile @Nullable CompletableFuture<HttpResponse<byte[]>> exchange;

  RegistryCall(
      RegistryHttp http, Request request, BodyHandler<byte[]> handler, BoundOperation operation) {
    this.http = http;
    this.request = request;
    this.handler = handler;
    this.first = http.preferred();
    this.running = operation.start(TelemetryContext.root());
  }

  CompletableFuture<Reply> start() {
    var unused = result.whenComplete((reply, error) -> {
      CompletableFuture<HttpResponse<byte[]>> last = exchange;
      if (result.isCancelled() && last != null) {
        last.cancel(true);
      }
    });
    attempt(0);
    return result;
  }

  private void attempt(int number) {
    int server = (first + number) % http.servers();
    URI uri = http.uri(server, request);
    CompletableFuture.completedStage(uri)
        .thenCompose(chosen -> http.credential())
        .thenCompose(credential -> exchange(uri, credential))
        .whenComplete((reply, error) -> {
          if (error == null) {
            http.prefer(server);
            running.outcome(reply.status() / 100 + "xx");
            running.close();
            result.complete(reply);
          } else if (number + 1 < http.servers() && !result.isDone()) {
            attempt(number + 1);
          } else {
            running.error(RegistryHttp.unwrap(error));
            running.close();
            result.completeExceptionally(RegistryHttp.unwrap(error));
          }
        });
  }

  private CompletionStage<Reply> exchange(URI uri, String credential) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.exchange(uri, request, handler, credential);
    exchange = answer;
    if (result.isDone()) {
      answer.cancel(true);
    }
    // The request's own timeout ends with the headers; a body may stall.
    AtomicBoolean expired = new AtomicBoolean();
    Scheduler.Task end = http.scheduler().schedule(request.timeout(), () -> {
      expired.set(true);
      answer.cancel(true);
    });
    return answer.handle((response, error) -> {
      end.cancel();
      if (error != null) {
        throw new CompletionException(
            expired.get()
                ? new HttpTimeoutException(uri + ": no answer within " + request.timeout())
                : named(uri, RegistryHttp.unwrap(error)));
      }
      Reply reply = new Reply(response.statusCode(), response.headers(), response.body());
      if (reply.status() >= SERVER_ERROR) {
        throw new CompletionException(new StatusException(uri.toString(), reply));
      }
      return reply;
    });
  }

  /** The JDK's connect failures do not say where to, nor what of. */
  private static Throwable named(URI uri, Throwable cause) {
    if (cause instanceof HttpConnectTimeoutException) {
      return new HttpConnectTimeoutException(uri + ": no connection in time").initCause(cause);
    }
    if (cause instanceof ConnectException) {
      boolean unresolved = cause.getCause() instanceof UnresolvedAddressException;
      return new ConnectException(
              uri + (unresolved ? ": its host has no address" : ": cannot connect"))
          .initCause(cause);
    }
    return cause;
  }
}
