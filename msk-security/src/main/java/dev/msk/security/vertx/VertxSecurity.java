package dev.msk.security.vertx;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request handler of Vert.x that passes on those requests only that {@link BearerAuthentication} lets through. It blocks nothing: a request that
 * comes before the issuer's keys is paused, and goes on on its own event loop.
 *
 * <p>The next handler is called with the call's context and token current on the thread. Vert.x calls later ones without: take the context from the
 * {@link Outcome.Authenticated}. The certificate of the client is the caller. A path that could be read in two ways is answered with 400.
 *
 * <p>Needs {@code io.vertx:vertx-core}. Immutable.
 */
public final class VertxSecurity {

  private final BearerAuthentication door;
  private final @Nullable URI origin;

  private VertxSecurity(BearerAuthentication door, @Nullable URI origin) {
    this.door = door;
    this.origin = origin;
  }

  /**
   * Handlers behind a door.
   *
   * @param door decides; sees the path as resource
   * @return to make handlers of
   * @throws dev.msk.core.MissingDependencyException if Vert.x is not there
   */
  public static VertxSecurity of(BearerAuthentication door) {
    OptionalDependency.of(VertxSecurity.class, "vertx", "io.vertx.core.http.HttpServerRequest")
        .require("Vert.x handler");
    return new VertxSecurity(requireNonNull(door, "door"), null);
  }

  /**
   * The same, which takes {@code Authorization: DPoP} too.
   *
   * @param origin scheme and host as clients spell them, for example {@code https://shop.example}
   * @return another one
   */
  public VertxSecurity dpop(URI origin) {
    return new VertxSecurity(door, requireNonNull(origin, "origin"));
  }

  /**
   * A handler.
   *
   * @param next gets the request and what it came to
   * @return for {@code HttpServer.requestHandler}
   */
  public Handler<HttpServerRequest> handler(
      BiConsumer<HttpServerRequest, Outcome.Authenticated> next) {
    return DoorHandler.of(door, requireNonNull(next, "next"), origin);
  }
}
