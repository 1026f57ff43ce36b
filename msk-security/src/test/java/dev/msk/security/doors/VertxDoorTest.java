package dev.msk.security.doors;

import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.vertx.VertxSecurity;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Vert.x; the first request of each test waits for the issuer's keys, and no event loop does. */
final class VertxDoorTest extends HttpDoorContract {

  private HttpServer server;

  @Override
  AutoCloseable start(BearerAuthentication door, @Nullable URI origin) throws Exception {
    Vertx vertx = Vertx.vertx();
    VertxSecurity security =
        origin == null ? VertxSecurity.of(door) : VertxSecurity.of(door).dpop(origin);
    server = vertx
        .createHttpServer(new HttpServerOptions().setMaxHeaderSize(32_768))
        .requestHandler(
            security.handler((request, through) -> request.response().end(seen())))
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
    return () -> vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Override
  int port() {
    return server.actualPort();
  }
}
