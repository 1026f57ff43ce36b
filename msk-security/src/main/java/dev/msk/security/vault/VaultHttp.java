package dev.msk.security.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.internal.BoundedBody;
import dev.msk.security.internal.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Vault's HTTP API at one address: no redirect is followed, requests are bounded in time, answers in size. What fails is
 * told by path and status and by what Vault says, never with a token. Thread-safe.
 *
 * @param client sends; must not follow redirects
 * @param address of Vault, without a path
 * @param namespace of Vault Enterprise, or null
 * @param timeout of a request, to the last byte of the answer
 */
record VaultHttp(HttpClient client, URI address, @Nullable String namespace, Duration timeout) {

  private static final int MAX_BYTES = 256 * 1024;
  private static final int MAX_SAID = 200;

  /** Posts JSON; fails unless the answer is an object with status 200. */
  CompletableFuture<ObjectNode> post(String path, ObjectNode body, @Nullable String token) {
    HttpRequest.Builder request = request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(StrictJson.write(body)));
    if (token != null) {
      request.header("X-Vault-Token", token);
    }
    return send(request.build()).thenApply(answer -> {
      if (answer.statusCode() != 200) {
        throw new VaultRefusal(path, answer.statusCode(), said(answer.body()));
      }
      return StrictJson.object(answer.body())
          .orElseThrow(() -> new VaultRefusal(path, 200, ", not a JSON object by strict rules"));
    });
  }

  /** Gets bytes; empty with status 204, fails with any other than that and 200. */
  CompletableFuture<byte[]> get(String path) {
    return send(request(path).build()).thenApply(answer -> {
      if (answer.statusCode() == 204) {
        return new byte[0];
      }
      if (answer.statusCode() != 200) {
        throw new VaultRefusal(path, answer.statusCode(), said(answer.body()));
      }
      return answer.body();
    });
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve("/v1/" + path))
        .timeout(timeout)
        .header("X-Vault-Request", "true");
    if (namespace != null) {
      request.header("X-Vault-Namespace", namespace);
    }
    return request;
  }

  private CompletableFuture<HttpResponse<byte[]>> send(HttpRequest request) {
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request, answer -> new BoundedBody(MAX_BYTES));
    String path = request.uri().getPath();
    return sent.copy()
        .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
        .handle((answer, failure) -> {
          if (answer == null) {
            sent.cancel(true);
            throw new CompletionException(
                new IOException(path + ": no answer, " + VaultRefusal.root(failure)));
          }
          return answer;
        });
  }

  private static String said(byte[] body) {
    List<String> errors = new ArrayList<>();
    StrictJson.object(body).map(answer -> answer.get("errors")).ifPresent(list -> {
      for (JsonNode error : list) {
        errors.add(error.asText());
      }
    });
    String all =
        String.join("; ", errors).replaceAll("\\s+", " ").replaceAll("[^\\x20-\\x7e]", "?");
    String cut = all.length() > MAX_SAID ? all.substring(0, MAX_SAID) + "…" : all;
    return cut.isEmpty() ? "" : ", " + cut;
  }

  /** The segments of a path that others have chosen. */
  static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
