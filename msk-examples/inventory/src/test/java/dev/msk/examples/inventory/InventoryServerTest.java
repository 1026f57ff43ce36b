package dev.msk.examples.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msk.examples.chassis.Identity;
import dev.msk.examples.contracts.inventory.GetStockRequest;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.contracts.inventory.InventoryGrpc.InventoryBlockingStub;
import dev.msk.examples.contracts.inventory.ReserveReply;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.security.SpiffeId;
import dev.msk.security.testing.TestCa;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, and what happens to calls that are too large, too many or too slow. */
@WithServers
class InventoryServerTest {

  private static final GetStockRequest TEA =
      GetStockRequest.newBuilder().setSku("tea").build();

  private RunningInventory inventory;

  @TempDir
  private Path folder;

  @BeforeEach
  void start(PostgresServer postgres) {
    inventory = RunningInventory.start(folder, postgres.newDatabase());
  }

  @AfterEach
  void stop() {
    inventory.close();
  }

  @Test
  void connection_isTls13AndMutual() {
    AtomicReference<SSLSession> session = new AtomicReference<>();

    var unused = inventory.orders().withInterceptors(new SessionReader(session)).getStock(TEA);

    assertThat(session.get().getProtocol()).isEqualTo("TLSv1.3");
    assertThat(SpiffeId.ofPeer(session.get())).contains(Identity.spiffeId("inventory"));
    assertThat(session.get().getLocalCertificates()).hasSize(1);
  }

  @Test
  void anotherService_isDenied() {
    for (String stranger : new String[] {"payments", "gateway", "orders2", "inventory"}) {
      InventoryBlockingStub stub =
          bounded(inventory.stub(inventory.certificate(inventory.ca(), stranger)));

      assertThat(code(catchThrowable(() -> stub.getStock(TEA))))
          .as(stranger)
          .isEqualTo(Status.Code.PERMISSION_DENIED);
    }
  }

  @Test
  void ordersOfAnotherTrustDomain_isRefusedByTheHandshake() {
    TestCa elsewhere = TestCa.create("elsewhere.example");
    InventoryBlockingStub stub =
        bounded(inventory.stub(inventory.certificate(elsewhere, "orders")));

    assertThat(code(catchThrowable(() -> stub.getStock(TEA)))).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void ordersOfAnotherAuthority_isRefusedByTheHandshake() {
    TestCa impostor = TestCa.create(Identity.TRUST_DOMAIN);
    InventoryBlockingStub stub = bounded(inventory.stub(inventory.certificate(impostor, "orders")));

    assertThat(code(catchThrowable(() -> stub.getStock(TEA)))).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void callerWithoutCertificate_isRefusedByTheHandshake() throws Exception {
    Path files = inventory.certificate(inventory.ca(), "orders");
    for (var credentials : new io.grpc.ChannelCredentials[] {
      InsecureChannelCredentials.create(),
      TlsChannelCredentials.newBuilder()
          .trustManager(files.resolve("ca.crt").toFile())
          .build()
    }) {
      ManagedChannel channel = Grpc.newChannelBuilderForAddress(
              "127.0.0.1", inventory.port(), credentials)
          .build();
      try {
        InventoryBlockingStub stub = bounded(InventoryGrpc.newBlockingStub(channel));

        assertThat(code(catchThrowable(() -> stub.getStock(TEA))))
            .isEqualTo(Status.Code.UNAVAILABLE);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void requestThatIsTooLarge_isRefused() {
    Throwable refusal = catchThrowable(() -> inventory
        .orders()
        .getStock(GetStockRequest.newBuilder().setSku("x".repeat(5_000)).build()));

    assertThat(code(refusal)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(inventory.stock("tea")).isNotEmpty();
  }

  @Test
  void callPastItsDeadline_isGivenUpInTheDatabaseToo() throws Exception {
    try (Connection holder = inventory.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT 1 FROM stock WHERE sku = 'tea' FOR UPDATE");

      Throwable late = catchThrowable(
          () -> inventory.orders().withDeadlineAfter(1, TimeUnit.SECONDS).reserve(request("a")));

      assertThat(code(late)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      Await.until(
          "the statement is given up",
          () -> inventory
              .query("SELECT count(*) FROM pg_stat_activity"
                  + " WHERE datname = current_database() AND wait_event_type = 'Lock'")
              .equals("0"));
      holder.rollback();
    }
    assertThat(inventory.reserve("a", "tea", 1)).isNotEmpty();
    assertThat(inventory.stock("tea")).containsExactly(999L, 1L, 0L);
  }

  @Test
  void callsBeyondWhatWaits_areRefusedAtOnce() throws Exception {
    int capacity = InventoryServer.WORKERS + InventoryServer.WAITING;
    Queue<Status.Code> outcomes = new ConcurrentLinkedQueue<>();
    try (Connection holder = inventory.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT 1 FROM stock WHERE sku = 'tea' FOR UPDATE");
      for (int i = 0; i < capacity + 5; i++) {
        InventoryGrpc.newStub(inventory.orders().getChannel())
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .reserve(request("o" + i), new Outcome(outcomes));
      }

      Await.until("what is too much is refused while all others wait", () -> outcomes.size() >= 5);
      assertThat(outcomes).contains(Status.Code.RESOURCE_EXHAUSTED);
      holder.rollback();
    }

    Await.until("every call ends", () -> outcomes.size() == capacity + 5);
    long done = outcomes.stream().filter(Status.Code.OK::equals).count();
    long refused =
        outcomes.stream().filter(Status.Code.RESOURCE_EXHAUSTED::equals).count();
    assertThat(Long.parseLong(inventory.query("SELECT count(*) FROM reservation")))
        .isBetween(done, outcomes.size() - refused);
    assertThat(inventory.reserve("after", "tea", 1)).isNotEmpty();
  }

  @Test
  void callerThatIsTrustedNoMore_isOutWhenItsConnectionEnds(PostgresServer postgres)
      throws Exception {
    try (RunningInventory ageing =
        RunningInventory.start(folder, postgres.newDatabase(), Map.of("CONNECTION_AGE", "PT1S"))) {
      assertThat(ageing.stock("tea")).isNotEmpty();

      TestCa next = TestCa.create(Identity.TRUST_DOMAIN);
      next.certificate("inventory").issue().writeTo(ageing.files());

      Await.until(
          "the caller of the old authority is out",
          () -> code(catchThrowable(() -> ageing.stock("tea"))) == Status.Code.UNAVAILABLE);
      Path orders = next.certificate("orders").issue().writeTo(folder.resolve("next"));
      assertThat(bounded(ageing.stub(orders)).getStock(TEA).getSku()).isEqualTo("tea");
    }
  }

  @Test
  void calls_areMeasured_thoseThatAreDeniedToo() throws Exception {
    InventoryBlockingStub payments =
        bounded(inventory.stub(inventory.certificate(inventory.ca(), "payments")));
    var unused = inventory.orders().getStock(TEA);
    var denied = catchThrowable(() -> payments.getStock(TEA));

    assertThat(code(denied)).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(inventory.management("/metrics").lines())
        .anySatisfy(line -> assertThat(line)
            .startsWith("rpc_server_call_duration_seconds_count")
            .contains("shop.inventory.v1.Inventory/GetStock")
            .contains("\"OK\""))
        .anySatisfy(line -> assertThat(line)
            .startsWith("rpc_server_call_duration_seconds_count")
            .contains("PERMISSION_DENIED"));
    assertThat(inventory.management("/readyz")).contains("database");
  }

  private static ReserveRequest request(String order) {
    return ReserveRequest.newBuilder()
        .setIdempotencyKey(order + "/reserve")
        .setOrderId(order)
        .setSku("tea")
        .setQuantity(1)
        .build();
  }

  private static InventoryBlockingStub bounded(InventoryBlockingStub stub) {
    return stub.withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private static Status.Code code(Throwable failure) {
    return failure == null ? Status.Code.OK : Status.fromThrowable(failure).getCode();
  }

  private record Outcome(Queue<Status.Code> outcomes) implements StreamObserver<ReserveReply> {

    @Override
    public void onNext(ReserveReply reply) {}

    @Override
    public void onError(Throwable failure) {
      outcomes.add(code(failure));
    }

    @Override
    public void onCompleted() {
      outcomes.add(Status.Code.OK);
    }
  }

  /** Reads the handshake's result from the connection that a call went over. */
  private record SessionReader(AtomicReference<SSLSession> session) implements ClientInterceptor {

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onHeaders(Metadata received) {
                  session.set(getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
                  super.onHeaders(received);
                }
              },
              headers);
        }
      };
    }
  }
}
