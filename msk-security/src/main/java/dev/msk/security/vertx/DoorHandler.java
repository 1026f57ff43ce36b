package dev.msk.security.vertx;

import dev.msk.core.Scope;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.internal.HttpHeaders;
import dev.msk.security.internal.RequestPath;
import dev.msk.security.internal.RequestUri;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The handler of {@link VertxSecurity}. */
final class DoorHandler implements Handler<HttpServerRequest> {

  private final BearerAuthentication door;
  private final BiConsumer<HttpServerRequest, Outcome.Authenticated> next;
  private final @Nullable URI origin;

  private DoorHandler(
      BearerAuthentication door,
      BiConsumer<HttpServerRequest, Outcome.Authenticated> next,
      @Nullable URI origin) {
    this.door = door;
    this.next = next;
    this.origin = origin;
  }

  /** Of the interface's type, so that whoever only asks for the library can be verified without it. */
  static Handler<HttpServerRequest> of(
      BearerAuthentication door,
      BiConsumer<HttpServerRequest, Outcome.Authenticated> next,
      @Nullable URI origin) {
    return new DoorHandler(door, next, origin);
  }

  @Override
  public void handle(HttpServerRequest request) {
    String raw = request.path();
    Optional<Request> parts = raw == null
        ? Optional.empty()
        : RequestPath.decoded(raw).flatMap(path -> request(request, path, raw));
    if (parts.isEmpty()) {
      request.response().setStatusCode(400).end();
      return;
    }
    CompletableFuture<Outcome> decided = door.authenticateAsync(parts.get()).toCompletableFuture();
    if (decided.isDone()) {
      answer(request, decided.join());
      return;
    }
    request.pause();
    Context loop = Vertx.currentContext();
    var unused = decided.thenAccept(outcome -> loop.runOnContext(nothing -> {
      request.resume();
      answer(request, outcome);
    }));
  }

  private Optional<Request> request(HttpServerRequest request, String path, String raw) {
    Request parts = Request.of(
            request.method().name(),
            path,
            HttpHeaders.authorization(request.headers().getAll("Authorization")))
        .context(HttpHeaders.CALL.extract(request.headers(), MultiMap::get).build())
        .peer(request.connection().sslSession());
    return origin == null
        ? Optional.of(parts)
        : RequestUri.of(origin, raw)
            .map(uri -> parts.dpop(uri, request.headers().getAll("DPoP")));
  }

  private void answer(HttpServerRequest request, Outcome outcome) {
    if (outcome instanceof Outcome.Authenticated through) {
      try (Scope context = through.context().makeCurrent();
          Scope token = through.token().makeCurrent()) {
        next.accept(request, through);
      }
    } else if (outcome instanceof Outcome.Refused refused) {
      request
          .response()
          .setStatusCode(refused.status())
          .putHeader("WWW-Authenticate", refused.wwwAuthenticate())
          .putHeader("Content-Type", HttpHeaders.PROBLEM)
          .putHeader("Cache-Control", "no-store")
          .end(refused.problem());
    }
  }
}
