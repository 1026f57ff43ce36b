package dev.msk.security.spiffe;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.msk.core.Scheduler;
import dev.msk.security.LiveTls;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections between trust domains; bundles come from the contract server of the Workload API. */
@Timeout(120)
final class FederationTest {

  private static final TestCa SHOP = TestCa.create("shop.example");
  private static final TestCa PARTNER = TestCa.create("partner.example");

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<AutoCloseable> open = new ArrayList<>();

  @TempDir
  private Path folder;

  private WorkloadApiContractServer api;
  private TlsIdentity inventory;
  private HttpsServer server;

  @BeforeEach
  void start() throws Exception {
    api = WorkloadApiContractServer.unix(
        folder.resolve("inventory.sock"),
        shop("inventory").federated("spiffe://partner.example", PARTNER).encoded());
    open.add(api);
    inventory = identity(api, "shop.example");
    server = https(inventory);
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    timer.shutdownNow();
  }

  @Test
  void partner_isKnownByItsOwnAuthority_inBothDirections() throws Exception {
    TlsIdentity billing = partner("billing");

    assertThat(get(client(billing, "inventory"), server).body())
        .isEqualTo("spiffe://partner.example/billing");
  }

  @Test
  void partnerThatCallsItselfOurs_isRefused() throws Exception {
    assertRefused(
        PARTNER.certificate("orders").spiffeId("spiffe://shop.example/orders").issue());
  }

  @Test
  void oneOfOurs_thatCallsItselfThePartner_isRefused() throws Exception {
    assertRefused(
        SHOP.certificate("billing").spiffeId("spiffe://partner.example/billing").issue());
  }

  @Test
  void strangerWithoutBundle_isRefused() throws Exception {
    assertRefused(TestCa.create("other.example").certificate("billing").issue());
  }

  @Test
  void partnersServer_isKnownByIdOnly() throws Exception {
    HttpsServer theirs = https(partner("billing"));
    WorkloadApiContractServer orders = WorkloadApiContractServer.unix(
        folder.resolve("orders.sock"),
        shop("orders").federated("spiffe://partner.example", PARTNER).encoded());
    open.add(orders);
    TlsIdentity byId = identity(orders, "partner.example");
    TlsIdentity byName = TlsIdentity.from(api(orders)).build();
    open.add(byName);

    assertThat(get(client(byId, "billing"), theirs).statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> get(client(byName, "billing"), theirs))
        .isInstanceOf(SSLException.class)
        .hasStackTraceContaining(
            "peer: spiffe://partner.example/billing (expected: trust domain shop.example)");
  }

  @Test
  void federationThatEnds_endsLiveConnections() throws Exception {
    HttpClient billing = client(partner("billing"), "inventory");
    assertThat(get(billing, server).statusCode()).isEqualTo(200);

    api.push(shop("inventory").encoded());
    long pushed = System.nanoTime();
    eventually("refused", () -> {
      try {
        get(billing, server);
        return false;
      } catch (IOException e) {
        return true;
      }
    });

    assertThat(Duration.ofNanos(System.nanoTime() - pushed)).isLessThan(Duration.ofSeconds(1));
    assertThat(inventory.snapshot().federated()).isEmpty();
  }

  private void assertRefused(TestCertificate stranger) throws Exception {
    TlsIdentity client = TlsIdentity.builder(
            stranger.writeTo(folder.resolve("stranger"), SHOP.authority()))
        .build();
    HttpClient http = client(client, "inventory");

    assertThatThrownBy(() -> get(http, server)).isInstanceOf(IOException.class);
  }

  private static SvidAnswer shop(String service) {
    return SvidAnswer.of(SHOP.certificate(service).issue());
  }

  private TlsIdentity partner(String service) throws Exception {
    WorkloadApiContractServer theirs = WorkloadApiContractServer.unix(
        folder.resolve("partner-" + service + ".sock"),
        SvidAnswer.of(PARTNER.certificate(service).issue())
            .federated("spiffe://shop.example", SHOP)
            .encoded());
    open.add(theirs);
    return identity(theirs, "shop.example");
  }

  private TlsIdentity identity(WorkloadApiContractServer from, String peerDomain) {
    TlsIdentity identity = TlsIdentity.from(api(from))
        .peerIds(peer -> new SpiffeId(peerDomain, "/" + peer))
        .build();
    open.add(identity);
    return identity;
  }

  private SpiffeWorkloadApi api(WorkloadApiContractServer from) {
    return SpiffeWorkloadApi.builder(Scheduler.of(timer))
        .address(from.address())
        .build();
  }

  private HttpsServer https(TlsIdentity identity) throws IOException {
    HttpsServer created =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    created.setHttpsConfigurator(new HttpsConfigurator(LiveTls.context(identity, "clients")));
    created.createContext("/", exchange -> {
      String caller = SpiffeId.ofPeer(((HttpsExchange) exchange).getSSLSession())
          .map(SpiffeId::toString)
          .orElse("nobody");
      byte[] body = caller.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    created.start();
    open.add(() -> created.stop(0));
    return created;
  }

  private static HttpClient client(TlsIdentity identity, String peer) {
    return HttpClient.newBuilder().sslContext(identity.context(peer)).build();
  }

  private static HttpResponse<String> get(HttpClient client, HttpsServer server)
      throws IOException {
    URI uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/");
    try {
      return client.send(
          HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
