package dev.msk.discovery.eureka;

import dev.msk.core.Scheduler;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.discovery.internal.BoundedBody;
import dev.msk.discovery.internal.PeerClients;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Calls to the servers of one Eureka cluster: the one that answered last is asked first, the others when it fails. */
final class EurekaHttp {

  private final List<URI> servers;
  private final PeerClients clients;
  private final String peer;
  private final @Nullable CredentialSource credentials;
  private final Scheduler scheduler;
  private final Duration timeout;
  private final int maxBodyBytes;
  private final OperationType operation;
  private volatile int preferred;

  EurekaHttp(EurekaRegistry.Builder settings, PeerClients clients) {
    this.servers = settings.servers;
    this.clients = clients;
    this.peer = settings.peer;
    this.credentials = settings.credentials;
    this.scheduler = settings.scheduler;
    this.timeout = settings.requestTimeout;
    this.maxBodyBytes = settings.maxBodyBytes;
    Telemetry telemetry = settings.telemetry;
    this.operation =
        telemetry.operation(OperationSpec.builder("discovery.registry.call", OperationKind.CLIENT)
            .description("A call to the service registry")
            .tags("call")
            .build());
  }

  /** What a server answered: any status below 500. */
  record Reply(int status, byte[] body) {

    boolean isOk() {
      return status / 100 == 2;
    }
  }

  /**
   * Asks one server after another.
   *
   * @param call what it is for, from a small set
   * @param method of HTTP
   * @param path below a server's URL
   * @param body JSON, null for none
   * @return completes with the first answer, or with the last server's failure
   */
  CompletionStage<Reply> send(String call, String method, String path, byte @Nullable [] body) {
    Operation running = operation.bind(call).start(TelemetryContext.root());
    return attempt(0, preferred, method, path, body).whenComplete((reply, error) -> {
      if (error != null) {
        running.error(error);
      } else {
        running.outcome(reply.status() / 100 + "xx");
      }
      running.close();
    });
  }

  private CompletionStage<Reply> attempt(
      int number, int first, String method, String path, byte @Nullable [] body) {
    int server = (first + number) % servers.size();
    return CompletableFuture.completedStage(server)
        .thenCompose(chosen -> authorization())
        .thenCompose(header -> exchange(servers.get(server), method, path, body, header))
        .handle((reply, error) -> {
          if (error == null) {
            preferred = server;
            return CompletableFuture.completedStage(reply);
          }
          return number + 1 < servers.size()
              ? attempt(number + 1, first, method, path, body)
              : CompletableFuture.<Reply>failedStage(unwrap(error));
        })
        .thenCompose(stage -> stage);
  }

  private CompletionStage<String> authorization() {
    return credentials == null
        ? CompletableFuture.completedStage("")
        : credentials
            .credential(peer)
            .thenApply(credential -> credential.scheme() + " " + credential.value());
  }

  private CompletionStage<Reply> exchange(
      URI server, String method, String path, byte @Nullable [] body, String authorization) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
        .timeout(timeout)
        .header("Accept", "application/json")
        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    CompletableFuture<HttpResponse<byte[]>> exchange =
        clients.client(peer).sendAsync(request.build(), BoundedBody.handler(maxBodyBytes));
    // The request's own timeout ends with the headers; a body may stall.
    AtomicBoolean expired = new AtomicBoolean();
    Scheduler.Task end = scheduler.schedule(timeout, () -> {
      expired.set(true);
      exchange.cancel(true);
    });
    return exchange.handle((response, error) -> {
      end.cancel();
      if (error != null) {
        throw new CompletionException(
            expired.get()
                ? new HttpTimeoutException(server + path + ": no answer within " + timeout)
                : unwrap(error));
      }
      if (response.statusCode() >= 500) {
        throw new CompletionException(
            new IOException(server + path + ": status " + response.statusCode()));
      }
      return new Reply(response.statusCode(), response.body());
    });
  }

  static Throwable unwrap(Throwable error) {
    Throwable cause = error.getCause();
    return error instanceof CompletionException && cause != null ? cause : error;
  }
}
