package dev.msk.examples.keycloak;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.msk.core.security.TlsSource;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.BearerToken;
import dev.msk.security.DpopProofs;
import dev.msk.security.LiveTls;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TokenSource;
import dev.msk.security.grpc.ClientSecurity;
import dev.msk.security.grpc.GrpcTls;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.HttpServerSecurity;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A service by HTTP over mutual TLS. The gateway may place orders for users, a partner may read them with tokens that are bound to its
 * key. It calls inventory for the same user, with a token that was exchanged for the one that it was called with.
 */
final class Orders implements AutoCloseable {

  private static final AccessRules RULES = AccessRules.of(
      AccessRule.named("place-order")
          .callers("spiffe://shop.example/gateway")
          .actions("POST /orders")
          .scopes("orders:write"),
      AccessRule.named("read-orders")
          .callers("spiffe://shop.example/partner")
          .actions("GET /orders")
          .scopes("orders:read"));

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private final TokenSource tokens;
  private final ManagedChannel channel;
  private final InventoryGrpc.InventoryBlockingStub inventory;
  private final Consumer<Hop> hops;

  Orders(
      Issuer issuer,
      String secret,
      TlsSource identity,
      int inventoryPort,
      SecurityEvents events,
      Consumer<Hop> hops)
      throws IOException {
    this.hops = hops;
    this.tokens = issuer.exchanges("orders", secret, "stock:write");
    this.channel = Grpc.newChannelBuilderForAddress(
            "localhost", inventoryPort, GrpcTls.channel(identity, "inventory"))
        .intercept(ClientSecurity.of(
            peer -> tokens.exchange(BearerToken.current().orElseThrow(), peer), "inventory"))
        .build();
    this.inventory = InventoryGrpc.newBlockingStub(channel);
    this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(LiveTls.context(identity, "clients")));
    server.setExecutor(threads);
    BearerAuthentication door = BearerAuthentication.of(
            issuer.verifier("orders", events).dpop(DpopProofs.builder().build()).build(), RULES)
        .events(events);
    server
        .createContext("/orders", this::handle)
        .getFilters()
        .add(HttpServerSecurity.of(door).dpop(uri()));
    server.start();
  }

  /** Where its callers go. */
  URI uri() {
    return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() throws InterruptedException {
    server.stop(0);
    threads.shutdownNow();
    channel.shutdownNow();
    boolean unused = channel.awaitTermination(5, TimeUnit.SECONDS);
    tokens.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      hops.accept(Hop.current("orders"));
      if (exchange.getRequestMethod().equals("GET")) {
        Gateway.send(exchange, 200, "[]".getBytes(StandardCharsets.UTF_8));
        return;
      }
      String id = new String(exchange.getRequestBody().readNBytes(65), StandardCharsets.UTF_8);
      if (!id.matches("[A-Za-z0-9._@-]{1,64}")) {
        Gateway.send(exchange, 400, new byte[0]);
        return;
      }
      Gateway.send(exchange, reserved(id) ? 201 : 502, new byte[0]);
    }
  }

  private boolean reserved(String id) {
    try {
      var unused = inventory
          .withDeadlineAfter(15, TimeUnit.SECONDS)
          .reserve(ReserveRequest.newBuilder()
              .setIdempotencyKey(id)
              .setOrderId(id)
              .setSku("tea-500g")
              .setQuantity(1)
              .build());
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }
}
