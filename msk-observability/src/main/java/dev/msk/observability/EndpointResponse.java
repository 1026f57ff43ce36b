package dev.msk.observability;

import static java.util.Objects.requireNonNull;

/**
 * What an HTTP server has to answer: a status, a content type and a body. Any server can send it; the body is not copied.
 *
 * @param status an HTTP status, for example 200
 * @param contentType the value of {@code Content-Type}
 * @param body the bytes
 */
public record EndpointResponse(int status, String contentType, byte[] body) {

  /**
   * Checks the parts.
   *
   * @param status an HTTP status
   * @param contentType the value of {@code Content-Type}
   * @param body the bytes
   * @throws IllegalArgumentException if the status is none of HTTP
   */
  public EndpointResponse {
    if (status < 100 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 100 to 599)");
    }
    requireNonNull(contentType, "contentType");
    requireNonNull(body, "body");
  }
}
