package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.msk.core.testing.ManualTime;
import dev.msk.security.TlsIdentity.Reload;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class TlsIdentityTest {

  private final TestCa ca = TestCa.create("shop.example");
  private final Instant now = Instant.now();

  @TempDir
  private Path folder;

  @Test
  void snapshot_holdsWhatTheFilesSay() {
    TestCertificate orders = ca.certificate("orders").issue();

    TlsIdentity identity = TlsIdentity.builder(orders.writeTo(folder)).build();

    assertThat(identity.generation()).isEqualTo(1);
    assertThat(identity.snapshot().chain()).containsExactly(orders.certificate());
    assertThat(identity.snapshot().authorities()).containsExactly(ca.authority());
    assertThat(identity.snapshot().spiffeId())
        .contains(SpiffeId.of("spiffe://shop.example/orders"));
    assertThat(identity.snapshot().expiresAt())
        .isEqualTo(orders.certificate().getNotAfter().toInstant());
  }

  @Test
  void rotation_bumpsTheGenerationAndTells() {
    TlsIdentity identity = identity("orders");
    AtomicInteger told = new AtomicInteger();
    var registration = identity.onChange(told::incrementAndGet);
    SSLContext before = identity.context("inventory");
    assertThat(identity.reload()).isEqualTo(new Reload.Unchanged());
    assertThat(identity.context("inventory")).isSameAs(before);

    ca.certificate("orders").issue().writeTo(folder);
    assertThat(identity.reload()).isEqualTo(new Reload.Published(2));

    assertThat(identity.generation()).isEqualTo(2);
    assertThat(identity.context("inventory")).isNotSameAs(before);
    assertThat(told).hasValue(1);
    registration.close();
    ca.certificate("orders").issue().writeTo(folder);
    assertThat(identity.reload()).isEqualTo(new Reload.Published(3));
    assertThat(told).hasValue(1);
  }

  @Test
  void expiredCertificate_isNotPublished() {
    TlsIdentity identity = identity("orders");

    ca.certificate("orders")
        .valid(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)))
        .issue()
        .writeTo(folder);

    assertRefused(identity, "chain: expired at ");
  }

  @Test
  void certificateOfTheFuture_isNotPublished() {
    TlsIdentity identity = identity("orders");

    ca.certificate("orders")
        .valid(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(2)))
        .issue()
        .writeTo(folder);

    assertRefused(identity, "chain: not valid before ");
  }

  @Test
  void keyOfAnotherCertificate_isNotPublished() throws Exception {
    TlsIdentity identity = identity("orders");
    Path other = ca.certificate("orders").issue().writeTo(folder.resolve("other"));

    Files.copy(
        other.resolve("tls.key"), folder.resolve("tls.key"), StandardCopyOption.REPLACE_EXISTING);

    assertRefused(identity, "key: not that of the certificate");
  }

  @Test
  void certificateOfAnotherAuthority_isNotPublished() throws Exception {
    TlsIdentity identity = identity("orders");
    byte[] bundle = Files.readAllBytes(folder.resolve("ca.crt"));

    TestCa.create("shop.example").certificate("orders").issue().writeTo(folder);
    Files.write(folder.resolve("ca.crt"), bundle);

    assertRefused(identity, "chain: no authority of the bundle vouches for it");
  }

  @Test
  void damagedFiles_areNotPublished() throws Exception {
    for (String file : new String[] {"tls.key", "tls.crt", "ca.crt"}) {
      TlsIdentity identity = identity("orders");

      Files.writeString(folder.resolve(file), "-----BEGIN NONSENSE-----");
      assertRefused(identity, "");
      Files.delete(folder.resolve(file));
      assertRefused(identity, "files: java.nio.file.NoSuchFileException");
    }
  }

  @Test
  void build_withoutFiles_namesThem() {
    assertThatThrownBy(() ->
            TlsIdentity.builder(folder).poll(ManualTime.create(), Duration.ZERO).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("interval: PT0S (expected: more than zero)")
        .hasMessageContaining("tls.key");
  }

  @Test
  void poll_publishesAndStopsWhenClosed() {
    ManualTime time = ManualTime.create();
    Path files = ca.certificate("orders").issue().writeTo(folder);
    TlsIdentity identity =
        TlsIdentity.builder(files).poll(time, Duration.ofSeconds(10)).build();

    ca.certificate("orders").issue().writeTo(folder);
    time.advance(Duration.ofSeconds(9));
    assertThat(identity.generation()).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    assertThat(identity.generation()).isEqualTo(2);
    identity.close();
    identity.close();

    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void key_canBeReadByItsOwnerOnly() throws Exception {
    identity("orders");

    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("tls.key"))))
        .isEqualTo("rw-------");
  }

  @Test
  void engines_areStrict() {
    SSLEngine engine = identity("orders").context("inventory").createSSLEngine("localhost", 1);

    assertThat(engine.getEnabledProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
    assertThat(engine.getEnabledCipherSuites())
        .isNotEmpty()
        .allMatch(suite -> suite.matches("TLS_(AES|CHACHA20)_.*|TLS_ECDHE_.*(GCM|POLY1305).*"));
    assertThat(engine.getNeedClientAuth()).isTrue();
    assertThat(engine.getSSLParameters().getEndpointIdentificationAlgorithm()).isEqualTo("HTTPS");
  }

  @Test
  void https_isMutual() throws Exception {
    try (Https server = Https.start(identity("inventory"))) {
      TlsIdentity client = other(ca, "orders");

      HttpResponse<String> response = server.get(client.context("inventory"), "localhost");

      assertThat(response.body()).isEqualTo("spiffe://shop.example/orders TLSv1.3");
    }
  }

  @Test
  void clientOfAnotherAuthority_isRefused() throws Exception {
    try (Https server = Https.start(identity("inventory"))) {
      TestCertificate stranger =
          TestCa.create("shop.example").certificate("orders").issue();
      Path files = stranger.writeTo(folder.resolve("stranger"), ca.authority());
      TlsIdentity client = TlsIdentity.builder(files).build();

      assertThatThrownBy(() -> server.get(client.context("inventory"), "localhost"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void clientOfAnotherTrustDomain_isRefused() throws Exception {
    try (Https server = Https.start(identity("inventory"))) {
      Path files = ca.certificate("orders")
          .spiffeId("spiffe://evil.example/orders")
          .issue()
          .writeTo(folder.resolve("stranger"));
      TlsIdentity client = TlsIdentity.builder(files).build();

      assertThatThrownBy(() -> server.get(client.context("inventory"), "localhost"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void serverThatClientsDoNotTrust_isRefused() throws Exception {
    try (Https server = Https.start(identity("inventory"))) {
      TlsIdentity client = other(TestCa.create("shop.example"), "orders");

      assertThatThrownBy(() -> server.get(client.context("inventory"), "localhost"))
          .isInstanceOf(SSLException.class);
    }
  }

  @Test
  void serverWithAnotherId_isRefused() throws Exception {
    try (Https server = Https.start(identity("payments"))) {
      TlsIdentity client = TlsIdentity.builder(
              ca.certificate("orders").issue().writeTo(folder.resolve("client")))
          .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
          .build();

      assertThat(server.get(client.context("payments"), "127.0.0.1").statusCode())
          .isEqualTo(200);
      assertThatThrownBy(() -> server.get(client.context("inventory"), "localhost"))
          .isInstanceOf(SSLException.class)
          .hasStackTraceContaining(
              "spiffe://shop.example/payments (expected: spiffe://shop.example/inventory)");
    }
  }

  @Test
  void liveContext_followsItsSource() throws Exception {
    TlsIdentity identity = identity("inventory");
    try (Https server = Https.start(identity)) {
      TlsIdentity client = other(ca, "orders");
      assertThat(server.get(client.context("inventory"), "localhost").statusCode())
          .isEqualTo(200);
      TestCa next = TestCa.create("shop.example");

      next.certificate("inventory").issue().writeTo(folder);
      assertThat(identity.reload()).isEqualTo(new Reload.Published(2));

      assertThatThrownBy(() -> server.get(client.context("inventory"), "localhost"))
          .isInstanceOf(IOException.class);
      assertThat(server
              .get(other(next, "orders").context("inventory"), "localhost")
              .statusCode())
          .isEqualTo(200);
    }
  }

  private void assertRefused(TlsIdentity identity, String reason) {
    var before = identity.snapshot();

    assertThat(identity.reload())
        .isInstanceOfSatisfying(
            Reload.Refused.class, refused -> assertThat(refused.reason()).startsWith(reason));

    assertThat(identity.snapshot()).isEqualTo(before);
  }

  private TlsIdentity identity(String service) {
    return TlsIdentity.builder(ca.certificate(service).issue().writeTo(folder)).build();
  }

  private TlsIdentity other(TestCa authority, String service) {
    Path files = authority
        .certificate(service)
        .issue()
        .writeTo(folder.resolve("other-" + System.nanoTime()));
    return TlsIdentity.builder(files).build();
  }

  /** Answers with the caller's id and the protocol. */
  private record Https(HttpsServer server) implements AutoCloseable {

    static Https start(TlsIdentity identity) throws IOException {
      HttpsServer server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(LiveTls.context(identity, "clients")));
      server.createContext("/", exchange -> {
        var session = ((HttpsExchange) exchange).getSSLSession();
        String caller = SpiffeId.ofPeer(session).map(SpiffeId::toString).orElse("nobody");
        byte[] body = (caller + " " + session.getProtocol()).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
      });
      server.start();
      return new Https(server);
    }

    HttpResponse<String> get(SSLContext context, String host) throws Exception {
      HttpClient client = HttpClient.newBuilder().sslContext(context).build();
      URI uri = URI.create("https://" + host + ":" + server.getAddress().getPort() + "/");
      return client.send(
          HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
          HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
