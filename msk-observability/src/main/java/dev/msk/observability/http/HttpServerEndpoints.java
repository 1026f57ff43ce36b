package dev.msk.observability.http;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.msk.observability.EndpointResponse;
import dev.msk.observability.ManagementEndpoints;
import java.io.IOException;

/**
 * {@link ManagementEndpoints} in the JDK's own HTTP server. Give the server an executor with a few threads: without one it answers one
 * request after another, and a probe waits for a scrape.
 */
public final class HttpServerEndpoints {

  private HttpServerEndpoints() {}

  /**
   * A handler, for the context {@code /} of a server of its own, or for that of each of {@link ManagementEndpoints#paths()}.
   *
   * @param endpoints answer
   * @return for {@code HttpServer.createContext}; thread-safe
   */
  public static HttpHandler handler(ManagementEndpoints endpoints) {
    requireNonNull(endpoints, "endpoints");
    return exchange -> answer(exchange, endpoints);
  }

  private static void answer(HttpExchange exchange, ManagementEndpoints endpoints)
      throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      EndpointResponse response = endpoints.answer(
          exchange.getRequestMethod(),
          path == null ? "" : path,
          exchange.getRequestHeaders().getFirst("Accept"));
      response.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.getResponseHeaders().set("Content-Type", response.contentType());
      int length = response.body().length;
      exchange.sendResponseHeaders(response.status(), length == 0 ? -1 : length);
      if (length > 0) {
        exchange.getResponseBody().write(response.body());
      }
    }
  }
}
