package dev.msk.observability;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an HTTP server has to answer: a status, a content type, a body, and headers beside them. Any server can send it; the body is not
 * copied.
 *
 * @param status an HTTP status, for example 200
 * @param contentType the value of {@code Content-Type}
 * @param body the bytes; none when it is empty
 * @param headers other headers, by their names, in their order
 */
public record EndpointResponse(
    int status, String contentType, byte[] body, Map<String, String> headers) {

  /**
   * Checks the parts and copies the headers.
   *
   * @param status an HTTP status
   * @param contentType the value of {@code Content-Type}
   * @param body the bytes
   * @param headers other headers
   * @throws IllegalArgumentException if the status is none of HTTP
   */
  public EndpointResponse {
    if (status < 100 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 100 to 599)");
    }
    requireNonNull(contentType, "contentType");
    requireNonNull(body, "body");
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  /**
   * An answer without other headers.
   *
   * @param status an HTTP status
   * @param contentType the value of {@code Content-Type}
   * @param body the bytes
   * @throws IllegalArgumentException if the status is none of HTTP
   */
  public EndpointResponse(int status, String contentType, byte[] body) {
    this(status, contentType, body, Map.of());
  }
}
