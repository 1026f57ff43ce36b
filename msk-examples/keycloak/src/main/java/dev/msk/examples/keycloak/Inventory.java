package dev.msk.examples.keycloak;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.security.TlsSource;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.contracts.inventory.ReserveReply;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Extension;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.SecurityEvents;
import dev.msk.security.grpc.GrpcTls;
import dev.msk.security.grpc.ServerSecurity;
import io.grpc.Grpc;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * A service by gRPC over mutual TLS, for orders alone. It tells in an event for whom it has reserved pieces, by the attributes of CloudEvents'
 * extension for that.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/authcontext.md">Auth Context</a>
 */
final class Inventory extends InventoryGrpc.InventoryImplBase implements AutoCloseable {

  static final String TOPIC = "stock";
  static final String RESERVED = "stock.reserved";

  private static final AccessRules RULES = AccessRules.of(AccessRule.named("orders-reserve")
      .callers("spiffe://shop.example/orders")
      .actions(InventoryGrpc.SERVICE_NAME + "/Reserve")
      .scopes("stock:write"));

  private final Events events = Events.of("/inventory", JacksonCodec.of());
  private final Transactor transactor;
  private final Outbox outbox;
  private final OutboxRelay relay;
  private final Server server;
  private final Consumer<Hop> hops;

  Inventory(
      Issuer issuer,
      TlsSource identity,
      DataSource database,
      Map<String, Object> kafka,
      SecurityEvents security,
      Consumer<Hop> hops)
      throws IOException {
    this.hops = hops;
    SchemaInstaller.of(database).install(CoreSchema.scripts(), MessagingSchema.scripts());
    this.transactor = Transactor.of(database);
    this.outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> TOPIC).build();
    this.relay = OutboxRelay.builder(
            outbox,
            KafkaTransport.of(kafka),
            Leases.builder(database, "inventory-1").build())
        .build()
        .start();
    this.server = Grpc.newServerBuilderForPort(0, GrpcTls.server(identity, "inventory"))
        .addService(this)
        .intercept(ServerSecurity.builder(RULES)
            .tokens(issuer.verifier("inventory", security).build())
            .events(security)
            .build())
        .build()
        .start();
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void reserve(ReserveRequest request, StreamObserver<ReserveReply> answer) {
    Hop hop = Hop.current("inventory");
    hops.accept(hop);
    EventEnvelope event = events
        .event(
            RESERVED, request.getOrderId(), new Reserved(request.getSku(), request.getQuantity()))
        .toBuilder()
        .extension(Extension.AUTH_TYPE, "app_user")
        .extension(Extension.AUTH_ID, hop.subject().orElseThrow())
        .build();
    transactor.run(tx -> outbox.publish(tx, event));
    answer.onNext(ReserveReply.newBuilder().setReservationId(event.id()).build());
    answer.onCompleted();
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow();
    boolean unused = server.awaitTermination(5, TimeUnit.SECONDS);
    relay.close();
  }

  /**
   * The data of the event.
   *
   * @param sku of the pieces
   * @param quantity how many
   */
  record Reserved(String sku, int quantity) {}
}
