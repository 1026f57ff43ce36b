package dev.msk.security.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Fetches JSON from declared hosts, bounded in time and size.
 *
 * @param client sends; must not follow redirects
 * @param egress where to
 * @param timeout to the last byte
 */
public record JsonFetch(HttpClient client, Egress egress, Duration timeout) {

  private static final int MAX_BYTES = 128 * 1024;

  /**
   * Fetches.
   *
   * @param uri from where
   * @return the object; fails if there is none by strict rules
   */
  public CompletableFuture<ObjectNode> get(URI uri) {
    egress.require(uri);
    HttpRequest request = HttpRequest.newBuilder(uri)
        .timeout(timeout)
        .header("Accept", "application/json")
        .build();
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request, answer -> new BoundedBody(MAX_BYTES));
    return sent.copy()
        .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
        .thenCompose(answer -> answer.statusCode() == 200
            ? CompletableFuture.completedFuture(object(uri, answer.body()))
            : CompletableFuture.failedFuture(
                new IOException(uri + ": status " + answer.statusCode() + " (expected: 200)")));
  }

  private static ObjectNode object(URI uri, byte[] body) {
    return StrictJson.object(body)
        .orElseThrow(
            () -> new IllegalArgumentException(uri + ": not a JSON object by strict rules"));
  }
}
