package dev.msk.examples.inventory;

import dev.msk.core.security.TlsSource;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.observability.grpc.GrpcTelemetry;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.grpc.GrpcTls;
import dev.msk.security.grpc.ServerSecurity;
import io.grpc.Grpc;
import io.grpc.Server;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The door: gRPC over mutual TLS. It admits orders and nobody else, by the certificate; there is no token,
 * since orders calls when the customer's request is long over.
 */
final class InventoryServer {

  /** Each holds one connection to the database at a time. */
  static final int WORKERS = 8;

  /** Calls that wait for a worker. One more is refused. */
  static final int WAITING = 64;

  private static final AccessRules RULES = AccessRules.of(AccessRule.named("orders-stock")
      .callers("spiffe://shop.example/orders")
      .actions(InventoryGrpc.SERVICE_NAME + "/*"));

  /** The largest request has 400 characters. */
  private static final int MOST_BYTES = 4 << 10;

  private final ThreadPoolExecutor workers;
  private final Server grpc;
  private final int wantedPort;

  InventoryServer(Settings settings, TlsSource identity, Telemetry telemetry, Stockroom stockroom) {
    AtomicInteger count = new AtomicInteger();
    this.workers = new ThreadPoolExecutor(
        WORKERS,
        WORKERS,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(WAITING),
        task -> new Thread(task, "inventory-call-" + count.incrementAndGet()));
    this.wantedPort = settings.port();
    this.grpc = Grpc.newServerBuilderForPort(wantedPort, GrpcTls.server(identity, "inventory"))
        .addService(new InventoryCalls(stockroom, workers))
        .intercept(ServerSecurity.builder(RULES).build())
        // The last one is the outermost: it sees the calls that are refused, too.
        .intercept(GrpcTelemetry.of(telemetry).serverInterceptor())
        // Nothing waits on the event loop: calls go to the workers, who refuse what is too much.
        .directExecutor()
        .maxInboundMessageSize(MOST_BYTES)
        // A caller that is no longer trusted is let in no more; this ends the connection it has.
        .maxConnectionAge(settings.connectionAge().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAgeGrace(30, TimeUnit.SECONDS)
        // Finds callers that are gone without a word, and lets callers look for us.
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .permitKeepAliveTime(10, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .build();
  }

  /**
   * Listens.
   *
   * @throws IllegalStateException when the port is taken
   */
  void start() {
    try {
      grpc.start();
    } catch (IOException e) {
      workers.shutdownNow();
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(
          "GRPC_PORT: " + wantedPort + " (expected: a free one): " + reason.getMessage(), e);
    }
  }

  int port() {
    return grpc.getPort();
  }

  /** Tells callers to go elsewhere, and waits for the calls under way. */
  void drain() throws InterruptedException {
    grpc.shutdown();
    boolean unused = grpc.awaitTermination(8, TimeUnit.SECONDS);
  }

  /** Ends what is still under way. */
  void stop() throws InterruptedException {
    grpc.shutdownNow();
    boolean ended = grpc.awaitTermination(2, TimeUnit.SECONDS);
    workers.shutdownNow();
    ended &= workers.awaitTermination(2, TimeUnit.SECONDS);
    if (!ended) {
      throw new IllegalStateException("calls are left that did not end in time");
    }
  }
}
