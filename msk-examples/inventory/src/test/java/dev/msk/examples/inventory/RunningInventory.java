package dev.msk.examples.inventory;

import dev.msk.examples.chassis.Environment;
import dev.msk.examples.chassis.Identity;
import dev.msk.examples.contracts.inventory.CommitRequest;
import dev.msk.examples.contracts.inventory.GetStockReply;
import dev.msk.examples.contracts.inventory.GetStockRequest;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.contracts.inventory.InventoryGrpc.InventoryBlockingStub;
import dev.msk.examples.contracts.inventory.ReleaseRequest;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import dev.msk.security.TlsIdentity;
import dev.msk.security.grpc.GrpcTls;
import dev.msk.security.testing.TestCa;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The service on a database, and clients of it. */
final class RunningInventory implements AutoCloseable {

  /** What there is of each thing at the beginning. */
  static final String STOCK = "tea=1000,coffee=5,last=1";

  static final long PIECES = 1006;

  private final TestCa ca = TestCa.create(Identity.TRUST_DOMAIN);
  private final List<ManagedChannel> channels = new CopyOnWriteArrayList<>();
  private final Path files;
  private final Path folder;
  private final String database;
  private final InventoryService service;
  private final InventoryBlockingStub orders;

  private RunningInventory(Path folder, String database, Map<String, String> changes) {
    this.folder = folder;
    this.database = database;
    this.files = certificate(ca, "inventory");
    Map<String, String> environment = new HashMap<>(Map.of(
        "DB_URL", database,
        "TLS_FOLDER", files.toString(),
        "STOCK", STOCK,
        "GRPC_PORT", "0",
        "MANAGEMENT_PORT", "0",
        // Nobody is there.
        "EUREKA_URL", "http://127.0.0.1:1/eureka",
        "DRAIN", "PT0S"));
    environment.putAll(changes);
    this.service = InventoryService.start(Settings.of(Environment.of(environment)));
    this.orders = stub(certificate(ca, "orders"));
  }

  static RunningInventory start(Path folder, String database) {
    return new RunningInventory(folder, database, Map.of());
  }

  /** With other settings than those of most tests. */
  static RunningInventory start(Path folder, String database, Map<String, String> changes) {
    return new RunningInventory(folder, database, changes);
  }

  TestCa ca() {
    return ca;
  }

  /** What the service is and whom it trusts. */
  Path files() {
    return files;
  }

  int port() {
    return service.port();
  }

  /** What operators get, once it is 200. */
  String management(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(service.managementUrl() + path)).build();
    HttpClient client = HttpClient.newHttpClient();
    AtomicReference<HttpResponse<String>> response = new AtomicReference<>();
    Await.until(path, () -> {
      response.set(client.send(request, HttpResponse.BodyHandlers.ofString()));
      return response.get().statusCode() == 200;
    });
    return response.get().body();
  }

  /** Issues a certificate. */
  Path certificate(TestCa authority, String name) {
    return authority
        .certificate(name)
        .issue()
        .writeTo(folder.resolve(name + "-" + System.nanoTime()), ca.authority());
  }

  /** A client with these files. */
  InventoryBlockingStub stub(Path files) {
    return stub(TlsIdentity.builder(files).peerIds(Identity::spiffeId).build());
  }

  private InventoryBlockingStub stub(TlsIdentity identity) {
    ManagedChannel channel = Grpc.newChannelBuilderForAddress(
            "127.0.0.1", port(), GrpcTls.channel(identity, "inventory"))
        .build();
    channels.add(channel);
    return InventoryGrpc.newBlockingStub(channel);
  }

  /** The only caller that is let in. Waits half a minute. */
  InventoryBlockingStub orders() {
    return orders.withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  String reserve(String order, String sku, int quantity) {
    return orders()
        .reserve(ReserveRequest.newBuilder()
            .setIdempotencyKey(order + "/reserve")
            .setOrderId(order)
            .setSku(sku)
            .setQuantity(quantity)
            .build())
        .getReservationId();
  }

  void release(String order) {
    var unused = orders()
        .release(ReleaseRequest.newBuilder()
            .setIdempotencyKey(order + "/release")
            .setOrderId(order)
            .build());
  }

  void commit(String order) {
    var unused = orders()
        .commit(CommitRequest.newBuilder()
            .setIdempotencyKey(order + "/commit")
            .setOrderId(order)
            .build());
  }

  /** Available, reserved, sold. */
  List<Long> stock(String sku) {
    GetStockReply stock =
        orders().getStock(GetStockRequest.newBuilder().setSku(sku).build());
    return List.of(stock.getAvailable(), stock.getReserved(), stock.getSold());
  }

  /** The first column of the first line; empty without a line. */
  String query(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(database);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    service.close();
  }
}
