package dev.msk.observability.vertx;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.observability.ManagementEndpoints;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/**
 * {@link ManagementEndpoints} in Vert.x. Probes are answered on the event loop, where they wait for nothing; a scrape is written by a worker
 * thread. Needs {@code io.vertx:vertx-core}. Immutable.
 */
public final class VertxEndpoints {

  private final ManagementEndpoints endpoints;

  private VertxEndpoints(ManagementEndpoints endpoints) {
    this.endpoints = endpoints;
  }

  /**
   * Handlers that answer by some endpoints.
   *
   * @param endpoints answer
   * @return to make the handler of
   * @throws dev.msk.core.MissingDependencyException if Vert.x is not there
   */
  public static VertxEndpoints of(ManagementEndpoints endpoints) {
    OptionalDependency.of(VertxEndpoints.class, "vertx", "io.vertx.core.http.HttpServerRequest")
        .require("Vert.x handler of metrics and probes");
    return new VertxEndpoints(requireNonNull(endpoints, "endpoints"));
  }

  /**
   * A handler, for a server of its own, or for the requests whose path is one of {@link ManagementEndpoints#paths()}. In a router of Vert.x
   * Web: {@code router.route(path).handler(routing -> handler.handle(routing.request()))}.
   *
   * @return for {@code HttpServer.requestHandler}; thread-safe
   */
  public Handler<HttpServerRequest> handler() {
    return EndpointsHandler.of(endpoints);
  }
}
