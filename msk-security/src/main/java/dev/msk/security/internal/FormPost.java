package dev.msk.security.internal;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Posts forms to one address and to no other: no redirect is followed; the request is bounded in time, the answer in size.
 * Thread-safe.
 *
 * @param client sends; must not follow redirects
 * @param uri where to
 * @param timeout of a request, to the last byte of the answer
 * @param maxBytes of an answer
 */
public record FormPost(HttpClient client, URI uri, Duration timeout, int maxBytes) {

  /**
   * A client as it must be.
   *
   * @param timeout of connections
   * @return a client that follows no redirect
   */
  public static HttpClient newClient(Duration timeout) {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(timeout)
        .build();
  }

  /**
   * Posts a form.
   *
   * @param form of the request
   * @param headers of the request
   * @return the answer, of any status; fails if there is none
   */
  public CompletableFuture<HttpResponse<byte[]>> send(
      Map<String, String> form, Map<String, String> headers) {
    String body = form.entrySet().stream()
        .map(field ->
            field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri)
        .timeout(timeout)
        .header("Accept", "application/json")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request.build(), answer -> new BoundedBody(maxBytes));
    return sent.copy()
        .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
        .whenComplete((answer, failure) -> {
          if (failure != null) {
            sent.cancel(true);
          }
        });
  }
}
