package dev.msk.examples.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.examples.chassis.Identity;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.contracts.inventory.ReserveReply;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.security.TlsIdentity;
import dev.msk.security.grpc.GrpcTls;
import dev.msk.security.testing.TestCa;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process itself: how it fails, and how it ends. */
@WithServers
class InventoryProcessTest {

  private static final Pattern READY =
      Pattern.compile("inventory: ready on 127\\.0\\.0\\.1:(\\d+)");

  private final TestCa ca = TestCa.create(Identity.TRUST_DOMAIN);

  @TempDir
  private Path folder;

  @Test
  void wrongSettings_areOneLineAndCode2() {
    assertThatThrownBy(() -> process().env("GRPC_PORT", "grpc").start())
        .hasMessageContaining("ended with code 2")
        .hasMessageContaining("inventory: GRPC_PORT: grpc (expected: a whole number, 0 to 65535)")
        .hasMessageContaining("TLS_FOLDER: not set (expected: a folder that is there)");
  }

  @Test
  void folderWithoutIdentity_isOneLineAndCode2(PostgresServer postgres) {
    assertThatThrownBy(() -> process()
            .env("DB_URL", postgres.newDatabase())
            .env("TLS_FOLDER", folder.toString())
            .start())
        .hasMessageContaining("ended with code 2")
        .hasMessageContaining("tls.key");
  }

  @Test
  void databaseThatIsNotThere_isOneLineAndCode1() {
    assertThatThrownBy(() ->
            withIdentity().env("DB_URL", "jdbc:postgresql://127.0.0.1:1/x").start())
        .hasMessageContaining("ended with code 1")
        .hasMessageContaining("inventory: DB_URL: jdbc:postgresql://127.0.0.1:1/x (expected: ");
  }

  @Test
  void portThatIsTaken_isOneLineAndCode1(PostgresServer postgres) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
      assertThatThrownBy(() -> withIdentity()
              .env("DB_URL", postgres.newDatabase())
              .env("GRPC_PORT", String.valueOf(taken.getLocalPort()))
              .start())
          .hasMessageContaining("ended with code 1")
          .hasMessageContaining("its port is taken");
    }
  }

  @Test
  void sigterm_leavesTheRegistryAndAnswersTheCallUnderWay(
      PostgresServer postgres, EurekaServer eureka) throws Exception {
    String database = postgres.newDatabase();
    ChildProcess inventory = withIdentity()
        .env("DB_URL", database)
        .env("EUREKA_URL", eureka.url().toString())
        .env("DRAIN", "PT1S")
        .start();
    try (inventory;
        Connection holder = DriverManager.getConnection(database);
        Statement statement = holder.createStatement()) {
      String entry = "127.0.0.1:inventory:" + port(inventory);
      Await.until("registered", () -> registered(eureka, entry));
      holder.setAutoCommit(false);
      statement.execute("SELECT 1 FROM stock WHERE sku = 'tea-500g' FOR UPDATE");
      CompletableFuture<ReserveReply> call = reserve(port(inventory));
      Await.until("the call waits in the database", () -> waiting(database) == 1);

      CompletableFuture<Void> end = CompletableFuture.runAsync(inventory::stop);
      Await.until(
          "draining",
          () -> Files.readString(inventory.logFile())
              .contains("inventory: drain of registration done"));
      holder.rollback();

      assertThat(call.get(30, TimeUnit.SECONDS).getReservationId()).isNotEmpty();
      end.get(60, TimeUnit.SECONDS);
      assertThat(inventory.exitCode()).isEqualTo(128 + 15);
      assertThat(registered(eureka, entry)).isFalse();
      assertThat(Files.readString(inventory.logFile()))
          .containsSubsequence(
              "drain of probes done",
              "drain of registration done",
              "drain of grpc done",
              "stop of registration done",
              "stop of grpc done",
              "stop of database done",
              "inventory: stopped in");
    }
  }

  private CompletableFuture<ReserveReply> reserve(int port) {
    TlsIdentity orders = TlsIdentity.builder(
            ca.certificate("orders").issue().writeTo(folder.resolve("orders")))
        .peerIds(Identity::spiffeId)
        .build();
    ManagedChannel channel = Grpc.newChannelBuilderForAddress(
            "127.0.0.1", port, GrpcTls.channel(orders, "inventory"))
        .build();
    return CompletableFuture.supplyAsync(() -> InventoryGrpc.newBlockingStub(channel)
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .reserve(ReserveRequest.newBuilder()
                .setIdempotencyKey("k")
                .setOrderId("a")
                .setSku("tea-500g")
                .setQuantity(1)
                .build()))
        .whenComplete((reply, failure) -> channel.shutdownNow());
  }

  private ChildProcess.Builder withIdentity() {
    Path files = ca.certificate("inventory").issue().writeTo(folder.resolve("inventory"));
    return process().env("TLS_FOLDER", files.toString());
  }

  private static ChildProcess.Builder process() {
    return ChildProcess.builder("inventory")
        .main(InventoryMain.class.getName())
        .jvmArgs("-Xmx128m", "-XX:TieredStopAtLevel=1")
        .env("GRPC_PORT", "0")
        .env("MANAGEMENT_PORT", "0")
        .env("EUREKA_URL", "http://127.0.0.1:1/eureka")
        .readyWhenLog(line -> READY.matcher(line).find());
  }

  private static int port(ChildProcess inventory) throws Exception {
    Matcher matcher = READY.matcher(Files.readString(inventory.logFile()));
    assertThat(matcher.find()).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  private static boolean registered(EurekaServer eureka, String entry) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create(eureka.url() + "/apps/INVENTORY/" + entry))
        .build();
    return HttpClient.newHttpClient()
            .send(request, HttpResponse.BodyHandlers.discarding())
            .statusCode()
        == 200;
  }

  private static long waiting(String database) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND wait_event_type = 'Lock'")) {
      row.next();
      return row.getLong(1);
    }
  }
}
