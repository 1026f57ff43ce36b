package dev.msk.discovery;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.discovery.http.DiscoveringHttpClient;
import dev.msk.discovery.spi.DiscoverySource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of the README stands in {@link Snippets} and does what it says. */
final class ReadmeTest {

  private final Workers workers = new Workers();
  private final Snippets snippets = new Snippets(workers);

  @AfterEach
  void close() {
    workers.close();
  }

  @Test
  void javaBlocks_areTheCompiledOnes() {
    ReadmeSnippets.of(Path.of("src/test/java/dev/msk/discovery/Snippets.java"))
        .verify(Path.of("README.md"));
  }

  @Test
  void call_reachesTheService() throws Exception {
    HttpServer server = orders();

    String order =
        snippets.http(DiscoverySource.fixed(List.of(at(server.getAddress().getPort()))));

    server.stop(0);
    assertThat(order).isEqualTo("4711");
  }

  @Test
  void callUnderPoliciesOfOnesOwn_reachesTheService() throws Exception {
    HttpServer server = orders();
    DiscoverySource source =
        DiscoverySource.fixed(List.of(at(server.getAddress().getPort())));
    LoadBalancer balancer =
        LoadBalancer.leastLoaded(ServiceDiscovery.builder(source).build()).build();

    int status;
    try (DiscoveringHttpClient client = snippets.policies(balancer)) {
      status = client
          .send(
              HttpRequest.newBuilder(URI.create("http://orders/orders/4711")).build(),
              BodyHandlers.discarding())
          .statusCode();
    }

    server.stop(0);
    assertThat(status).isEqualTo(200);
  }

  @Test
  void failedCall_goesElsewhere() {
    LoadBalancer balancer = LoadBalancer.leastLoaded(
            ServiceDiscovery.builder(DiscoverySource.fixed(List.of(at(7001), at(7002))))
                .build())
        .build();

    Optional<Lease> second = snippets.pick(balancer, instance -> {
      throw new IOException("down: " + instance);
    });

    assertThat(second).isPresent();
    assertThat(snippets.pick(balancer, instance -> {})).isEmpty();
  }

  @Test
  void equippedBalancer_knowsWhereTheLastProcessCalled(@TempDir Path directory) throws Exception {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    DiscoverySource known = DiscoverySource.fixed(List.of(at(7001)));
    assertThat(snippets.more(known, directory, telemetry).pick("orders", PickContext.any()))
        .isPresent();
    eventually("kept", () -> Files.exists(directory.resolve("orders.instances")));

    DiscoverySource away = (service, sink) -> () -> {};
    LoadBalancer next = snippets.more(away, directory, telemetry);

    assertThat(next.pick("orders", PickContext.any()).map(Lease::instance)).contains(at(7001));
    assertThat(telemetry.reading("discovery.balancer.instances", "orders", "up"))
        .hasValue(1);
  }

  private static HttpServer orders() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/orders/4711", exchange -> {
      byte[] body = "4711".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    return server;
  }

  private static Instance at(int port) {
    return Instance.builder("orders", "127.0.0.1", port).build();
  }
}
