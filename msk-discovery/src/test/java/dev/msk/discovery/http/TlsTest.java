package dev.msk.discovery.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.security.TlsSource;
import dev.msk.discovery.EchoServer;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.spi.DiscoverySource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance at an IP address whose certificate names the service. */
final class TlsTest {

  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir
  private Path folder;

  private final Workers workers = new Workers();
  private final AtomicInteger contexts = new AtomicInteger();
  private final AtomicInteger generation = new AtomicInteger(1);
  private KeyStore keys;
  private EchoServer server;
  private DiscoveringHttpClient client;

  @BeforeEach
  void start() throws Exception {
    keys = certificate("orders");
    server = EchoServer.start("a", context());
    ServiceDiscovery discovery = ServiceDiscovery.builder(
            DiscoverySource.fixed(List.of(server.instance("orders"), server.instance("payments"))))
        .build();
    client = DiscoveringHttpClient.builder(
            LoadBalancer.leastLoaded(discovery).build(), workers.scheduler(), workers.executor())
        .tls(new Identity())
        .connectTimeout(Duration.ofSeconds(30))
        .attemptTimeout(Duration.ofSeconds(30))
        .build();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    workers.close();
  }

  @Test
  void certificate_mustNameTheService() throws Exception {
    assertThat(call("orders")).isEqualTo("a: GET /");

    // Same address, other name: a session of the first must not be resumed for it.
    assertThatThrownBy(() -> call("payments")).isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void newGeneration_getsANewContext() throws Exception {
    assertThat(call("orders")).isEqualTo("a: GET /");
    assertThat(call("orders")).isEqualTo("a: GET /");
    assertThat(contexts).hasValue(1);

    generation.incrementAndGet();

    assertThat(call("orders")).isEqualTo("a: GET /");
    assertThat(contexts).hasValue(2);
  }

  private String call(String service) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("https://" + service + "/")).build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private KeyStore certificate(String name) throws Exception {
    Path file = folder.resolve("keys.p12");
    Process keytool = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            name,
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + name,
            "-ext",
            "san=dns:" + name,
            "-storetype",
            "PKCS12",
            "-keystore",
            file.toString(),
            "-storepass",
            new String(PASSWORD))
        .redirectErrorStream(true)
        .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    KeyStore.Entry entry = store.getEntry(name, new KeyStore.PasswordProtection(PASSWORD));
    store.setCertificateEntry("trusted", ((KeyStore.PrivateKeyEntry) entry).getCertificate());
    return store;
  }

  private SSLContext context() throws GeneralSecurityException {
    KeyManagerFactory identity =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    identity.init(keys, PASSWORD);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private final class Identity implements TlsSource {

    @Override
    public SSLContext context(String peer) {
      contexts.incrementAndGet();
      try {
        return TlsTest.this.context();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public long generation() {
      return generation.get();
    }

    @Override
    public Registration onChange(Runnable listener) {
      return () -> {};
    }
  }
}
