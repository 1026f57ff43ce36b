package dev.msk.examples.gateway;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Listens for clients: HTTP/1.1 without TLS, as behind a balancer that ends it, on several event
 * loops, one for each processor. Request lines of 4 KiB and headers of 16 KiB are the most that is read.
 */
final class Door {

  private static final int LOOPS = Runtime.getRuntime().availableProcessors();

  private final Vertx vertx;
  private final HttpServerOptions options;
  private final Proxy proxy;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

  /** Closed; requests that take as long as {@code longest} are not idle. */
  Door(Vertx vertx, String host, int port, Proxy proxy, Duration longest) {
    this.vertx = vertx;
    this.options = new HttpServerOptions()
        .setHost(host)
        .setPort(port)
        .setMaxInitialLineLength(4 * 1024)
        .setMaxHeaderSize(16 * 1024)
        .setHttp2ClearTextEnabled(false)
        .setIdleTimeout((int) longest.toSeconds() + 30);
    this.proxy = proxy;
  }

  /**
   * Opens it.
   *
   * @throws IllegalStateException if the port is taken
   */
  void open() {
    // Below zero: a random port, the same for all loops.
    int port = options.getPort() == 0 ? -1 : options.getPort();
    try {
      wait(vertx.deployVerticle(
          () -> context -> {
            HttpServer server = vertx
                .createHttpServer(options)
                .requestHandler(proxy)
                .invalidRequestHandler(Problems::answerInvalid);
            servers.add(server);
            return server.listen(port, options.getHost());
          },
          new DeploymentOptions().setInstances(LOOPS)));
    } catch (CompletionException e) {
      throw new IllegalStateException(
          "HTTP_PORT: " + options.getPort() + " (expected: a free one): "
              + e.getCause().getMessage(),
          e);
    }
  }

  int port() {
    return servers.get(0).actualPort();
  }

  /** Takes no more connections, answers what is under way, closes after at most this time. */
  void close(Duration bound) {
    wait(Future.join(servers.stream().map(server -> server.shutdown(bound)).toList()));
  }

  private static <T> T wait(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
