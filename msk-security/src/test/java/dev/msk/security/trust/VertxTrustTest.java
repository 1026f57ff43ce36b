package dev.msk.security.trust;

import dev.msk.security.LiveTls;
import dev.msk.security.http.VertxTls;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.TimeUnit;

/** Vert.x, with HTTP/1.1 and HTTP/2. */
final class VertxTrustTest extends TrustRemovedContract {

  @Override
  TrustedServer start(Service service) throws Exception {
    Vertx vertx = Vertx.vertx();
    HttpServer server = vertx
        .createHttpServer(VertxTls.server(LiveTls.context(service.identity(), "clients")))
        .requestHandler(request -> request.response().end("hello"))
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
    return new TrustedServer() {
      @Override
      public int port() {
        return server.actualPort();
      }

      @Override
      public Wire.Protocol protocol() {
        return Wire.Protocol.HTTP_1;
      }

      @Override
      public TrustedClient client(Service caller) {
        return new HttpCaller(caller.identity(), port());
      }

      @Override
      public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
      }
    };
  }
}
