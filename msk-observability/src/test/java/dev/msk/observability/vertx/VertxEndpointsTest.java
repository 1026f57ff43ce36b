package dev.msk.observability.vertx;

import dev.msk.observability.EndpointsContract;
import dev.msk.observability.ManagementEndpoints;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.TimeUnit;

/** In Vert.x, all on one event loop. */
final class VertxEndpointsTest extends EndpointsContract {

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

  @Override
  protected int serve(ManagementEndpoints endpoints) throws Exception {
    return vertx
        .createHttpServer()
        .requestHandler(VertxEndpoints.of(endpoints).handler())
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS)
        .actualPort();
  }

  @Override
  protected void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
