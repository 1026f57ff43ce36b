package dev.msk.security.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Gets an issuer's key set, directly or by way of its discovery document. Each request goes to declared hosts only, follows
 * no redirect, and is bounded in time and size. Thread-safe.
 *
 * @see <a href="https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig">OpenID Connect Discovery 1.0</a>
 */
public final class JwksFetch implements Supplier<CompletableFuture<KeySet>> {

  private static final int MAX_BYTES = 128 * 1024;

  private final HttpClient client;
  private final Optional<String> issuer;
  private final URI start;
  private final Egress egress;
  private final Duration timeout;

  /**
   * A fetch, not begun.
   *
   * @param client sends; must not follow redirects
   * @param issuer whose discovery document {@code start} is; empty if it is the key set itself
   * @param start the first request
   * @param egress where requests may go
   * @param timeout of each request, from its beginning to the last byte of the answer
   */
  public JwksFetch(
      HttpClient client, Optional<String> issuer, URI start, Egress egress, Duration timeout) {
    this.client = client;
    this.issuer = issuer;
    this.start = start;
    this.egress = egress;
    this.timeout = timeout;
  }

  @Override
  public CompletableFuture<KeySet> get() {
    return issuer
        .map(expected -> body(start).thenCompose(found -> body(jwksUri(found, expected))))
        .orElseGet(() -> body(start))
        .thenApply(KeySet::parse);
  }

  private URI jwksUri(byte[] discovered, String expected) {
    ObjectNode document = StrictJson.object(discovered)
        .orElseThrow(() ->
            new IllegalArgumentException("discovery document: not a JSON object by strict rules"));
    if (!CompactToken.text(document, "issuer").equals(Optional.of(expected))) {
      throw new IllegalArgumentException(
          "discovery document: another issuer (expected: " + expected + ")");
    }
    return CompactToken.text(document, "jwks_uri")
        .map(URI::create)
        .orElseThrow(() -> new IllegalArgumentException("discovery document: no jwks_uri"));
  }

  private CompletableFuture<byte[]> body(URI uri) {
    egress.require(uri);
    HttpRequest request = HttpRequest.newBuilder(uri)
        .timeout(timeout)
        .header("Accept", "application/json, application/jwk-set+json")
        .build();
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request, answer -> new BoundedBody(MAX_BYTES));
    return sent.copy()
        .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
        .whenComplete((answer, failure) -> {
          if (failure != null) {
            sent.cancel(true);
          }
        })
        .thenCompose(answer -> answer.statusCode() == 200
            ? CompletableFuture.completedFuture(answer.body())
            : CompletableFuture.failedFuture(
                new IOException(uri + ": status " + answer.statusCode() + " (expected: 200)")));
  }
}
