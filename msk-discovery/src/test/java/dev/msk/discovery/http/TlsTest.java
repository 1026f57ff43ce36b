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
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance at an IP address whose certificate names the service. */
final class TlsTest {

  @TempDir
  private Path folder;

  private final Workers workers = new Workers();
  private final AtomicInteger contexts = new AtomicInteger();
  private final AtomicInteger generation = new AtomicInteger(1);
  private SelfSigned keys;
  private EchoServer server;
  private DiscoveringHttpClient client;

  @BeforeEach
  void start() throws Exception {
    keys = SelfSigned.of("orders", folder);
    server = EchoServer.start("a", keys.context());
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

  private final class Identity implements TlsSource {

    @Override
    public SSLContext context(String peer) {
      contexts.incrementAndGet();
      return keys.context();
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
