package dev.msk.security.http;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.resilience.CallHeaders;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.security.BearerToken;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client that sends with each request what the next service must know: {@code Authorization}, and the {@link CallHeaders} of the
 * {@link CallContext} of the thread that calls, which under a policy is that of the attempt. To be used like any other client of the JDK.
 *
 * <p>A credential goes over https only, or to this machine's loopback names; a request that would take it elsewhere fails, and so does one
 * whose credential cannot be had. A header {@code Authorization} that the request has already is replaced.
 *
 * <p>Thread-safe; {@link #sendAsync} does not block.
 */
public final class AuthorizedHttpClient extends ForwardingHttpClient {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final String AUTHORIZATION = "Authorization";
  private static final CallHeaders CALL = CallHeaders.create();

  private final HttpClient client;
  private final Supplier<CompletionStage<Optional<String>>> authorization;

  private AuthorizedHttpClient(
      HttpClient client, Supplier<CompletionStage<Optional<String>>> authorization) {
    if (client.followRedirects() != Redirect.NEVER) {
      throw new IllegalArgumentException(
          "client: follows redirects (expected: Redirect.NEVER, they take credentials elsewhere)");
    }
    this.client = client;
    this.authorization = authorization;
  }

  /**
   * Sends a credential of this service's own.
   *
   * @param client sends; must not follow redirects; stays yours
   * @param credentials where it comes from
   * @param peer name of the service that is called
   * @return the client
   * @throws IllegalArgumentException if the client follows redirects
   */
  public static AuthorizedHttpClient of(
      HttpClient client, CredentialSource credentials, String peer) {
    requireNonNull(client, "client");
    requireNonNull(credentials, "credentials");
    requireNonNull(peer, "peer");
    return new AuthorizedHttpClient(client, () -> header(credentials, peer));
  }

  /**
   * Forwards the {@link BearerToken} of the thread that calls; without one, requests carry none.
   *
   * @param client sends; must not follow redirects; stays yours
   * @return the client
   * @throws IllegalArgumentException if the client follows redirects
   */
  public static AuthorizedHttpClient forwarding(HttpClient client) {
    return new AuthorizedHttpClient(
        requireNonNull(client, "client"),
        () -> CompletableFuture.completedFuture(
            BearerToken.current().map(token -> "Bearer " + token.value())));
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    HttpRequest authorized;
    try {
      authorized = authorized(request).get();
    } catch (ExecutionException e) {
      throw new IOException("credential for " + request.uri() + ": " + e.getCause(), e.getCause());
    }
    return client.send(authorized, handler);
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return authorized(request).thenCompose(ready -> client.sendAsync(ready, handler));
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushes) {
    return authorized(request).thenCompose(ready -> client.sendAsync(ready, handler, pushes));
  }

  @Override
  HttpClient client() {
    return client;
  }

  private CompletableFuture<HttpRequest> authorized(HttpRequest request) {
    CallContext context = CallContext.current();
    return authorization
        .get()
        .toCompletableFuture()
        .thenApply(value -> copy(request, value, context));
  }

  private static HttpRequest copy(
      HttpRequest request, Optional<String> authorization, CallContext context) {
    if (authorization.isPresent()
        && !"https".equals(request.uri().getScheme())
        && !LOOPBACK.contains(String.valueOf(request.uri().getHost()))) {
      throw new IllegalArgumentException("uri: " + request.uri()
          + " (expected: https, a credential is not sent over an open connection)");
    }
    HttpRequest.Builder copy =
        HttpRequest.newBuilder(request, (name, value) -> !name.equalsIgnoreCase(AUTHORIZATION));
    authorization.ifPresent(value -> copy.header(AUTHORIZATION, value));
    CALL.inject(context, copy, HttpRequest.Builder::setHeader);
    return copy.build();
  }

  private static CompletionStage<Optional<String>> header(
      CredentialSource credentials, String peer) {
    try {
      return credentials.credential(peer).thenApply(AuthorizedHttpClient::header);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Optional<String> header(Credential credential) {
    return Optional.of(credential.scheme() + " " + credential.value());
  }
}
