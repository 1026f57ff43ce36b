package dev.msk.discovery.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.core.Scheduler;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls to the servers of one registry: the one that answered last is asked first, the others when it fails. Thread-safe.
 *
 * <p>A server that answers 500 or more has failed, with a {@link StatusException}.
 */
public final class RegistryHttp {

  private static final int OK = 200;

  private final Settings settings;
  private final OperationType operation;
  private volatile int preferred;

  /**
   * Whom to call, and how.
   *
   * @param servers base URIs without a slash at the end
   * @param peer as which they are known to TLS and credentials
   * @param clients by peer
   * @param credentials asked before each call, null for none
   * @param credentialHeader name of the header that carries the credential
   * @param credentialValue its value there
   * @param scheduler times out
   * @param maxBodyBytes the most that is read of an answer
   * @param telemetry is told of each call
   */
  public record Settings(
      List<URI> servers,
      String peer,
      PeerClients clients,
      @Nullable CredentialSource credentials,
      String credentialHeader,
      Function<Credential, String> credentialValue,
      Scheduler scheduler,
      int maxBodyBytes,
      Telemetry telemetry) {}

  /**
   * A call.
   *
   * @param call what it is for, from a small set
   * @param method of HTTP
   * @param path below a server's URI
   * @param body JSON, null for none
   * @param timeout for each server, the body included
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares requests.
  public record Request(
      String call, String method, String path, byte @Nullable [] body, Duration timeout) {}

  /**
   * What a server answered: any status below 500.
   *
   * @param status of HTTP
   * @param headers of the answer
   * @param body of the answer
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares replies.
  public record Reply(int status, HttpHeaders headers, byte[] body) {

    /**
     * Whether the server did what it was asked for.
     *
     * @return true for 2xx
     */
    public boolean isOk() {
      return status / 100 == 2;
    }
  }

  /**
   * Creates it; nothing is called yet.
   *
   * @param settings whom to call, and how
   */
  public RegistryHttp(Settings settings) {
    this.settings = settings;
    this.operation = settings
        .telemetry()
        .operation(OperationSpec.builder("discovery.registry.call", OperationKind.CLIENT)
            .description("A call to the service registry")
            .tags("call")
            .build());
  }

  /**
   * Asks one server after another.
   *
   * @param request what to ask
   * @return completes with the first answer, or with the last server's failure; cancelling it ends the call
   */
  public CompletableFuture<Reply> send(Request request) {
    return send(request, BoundedBody.handler(settings.maxBodyBytes()));
  }

  /**
   * Asks for an answer that goes on, line by line.
   *
   * @param request what to ask
   * @param consumer takes the lines of an answer of status 200, one after another; what it throws ends the call
   * @return completes when the answer is over, without its body if it was 200; cancelling it ends the call
   */
  public CompletableFuture<Reply> lines(Request request, BoundedLines.Consumer consumer) {
    int most = settings.maxBodyBytes();
    return send(
        request,
        info -> info.statusCode() == OK
            ? new BoundedLines(most, consumer)
            : BoundedBody.handler(most).apply(info));
  }

  private CompletableFuture<Reply> send(Request request, BodyHandler<byte[]> handler) {
    return new RegistryCall(this, request, handler, operation.bind(request.call())).start();
  }

  int servers() {
    return settings.servers().size();
  }

  int preferred() {
    return preferred;
  }

  void prefer(int server) {
    preferred = server;
  }

  /** The header's value, empty for none. */
  CompletionStage<String> credential() {
    CredentialSource credentials = settings.credentials();
    return credentials == null
        ? CompletableFuture.completedStage("")
        : credentials.credential(settings.peer()).thenApply(settings.credentialValue());
  }

  CompletableFuture<HttpResponse<byte[]>> exchange(
      URI uri, Request request, BodyHandler<byte[]> handler, String credential) {
    byte[] body = request.body();
    HttpRequest.Builder http = HttpRequest.newBuilder(uri)
        .timeout(request.timeout())
        .header("Accept", "application/json")
        .method(
            request.method(),
            body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (body != null) {
      http.header("Content-Type", "application/json");
    }
    if (!credential.isEmpty()) {
      http.header(settings.credentialHeader(), credential);
    }
    return settings.clients().client(settings.peer()).sendAsync(http.build(), handler);
  }

  URI uri(int server, Request request) {
    return URI.create(settings.servers().get(server) + request.path());
  }

  Scheduler scheduler() {
    return settings.scheduler();
  }

  /**
   * What went wrong, without the wrapping of stages.
   *
   * @param error of a stage
   * @return its cause if it only wraps one
   */
  public static Throwable unwrap(Throwable error) {
    Throwable cause = error.getCause();
    return error instanceof CompletionException && cause != null ? cause : error;
  }

  /**
   * A call for an answer that must be 2xx.
   *
   * @param request what was asked
   * @param reply what was answered
   * @return the reply
   * @throws CompletionException with a {@link StatusException} for any other status
   */
  public static Reply expectOk(Request request, Reply reply) {
    if (!reply.isOk()) {
      throw new CompletionException(new StatusException(request.path(), reply));
    }
    return reply;
  }

  /** A server answered that it did not do what it was asked for. */
  public static final class StatusException extends IOException {

    private static final long serialVersionUID = 1;
    private static final int MAX_TEXT = 200;

    private final int status;

    /**
     * Says what was answered.
     *
     * @param path that was called
     * @param reply to the call; the beginning of its body is in the message
     */
    public StatusException(String path, Reply reply) {
      super(path + ": status " + reply.status() + " (expected: 2xx)" + text(reply.body()));
      this.status = reply.status();
    }

    private static String text(byte[] body) {
      String text = new String(body, 0, Math.min(body.length, MAX_TEXT), UTF_8)
          .replaceAll("\\p{Cntrl}+", " ")
          .strip();
      return text.isEmpty() ? "" : ": " + text;
    }

    /**
     * What was answered.
     *
     * @return status of HTTP
     */
    public int status() {
      return status;
    }
  }
}
