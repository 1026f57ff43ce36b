package dev.msk.discovery.eureka;

import static dev.msk.discovery.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.Workers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that speaks HTTP and not always Eureka: no real one gives these answers on command. */
final class BadAnswersTest {

  private static final String GOOD = """
      {"applications": {"versions__delta": "1", "apps__hashcode": "UP_1_", "application":
        {"name": "ORDERS", "instance": {"instanceId": "i1", "hostName": "10.0.0.1", "status": "UP",
         "port": {"$": 8080, "@enabled": "true"}, "securePort": {"$": "8443", "@enabled": "false"},
         "metadata": {"@class": "java.util.Collections$EmptyMap", "zone": "a"}}}}}
      """;

  private static final Instance EXPECTED =
      Instance.builder("orders", "10.0.0.1", 8080).id("i1").zone("a").build();

  private final Workers workers = new Workers();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private EurekaRegistry registry;
  private ServiceDiscovery discovery;
  private final AtomicInteger fulls = new AtomicInteger();
  private final AtomicInteger deltas = new AtomicInteger();
  private volatile int status = 200;
  private volatile String full = GOOD;
  private volatile String delta = GOOD;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/eureka/apps", exchange -> {
      authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
      boolean isDelta = exchange.getRequestURI().getPath().endsWith("/delta");
      (isDelta ? deltas : fulls).incrementAndGet();
      byte[] body = (isDelta ? delta : full).getBytes(UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      try (var out = exchange.getResponseBody()) {
        out.write(body);
      }
    });
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/eureka");
    registry = EurekaRegistry.builder(
            List.of(URI.create("http://127.0.0.1:1/eureka"), url),
            workers.scheduler(),
            workers.executor())
        .refreshInterval(Duration.ofMillis(50))
        .maxBodyBytes(4096)
        .credentials(peer ->
            CompletableFuture.completedStage(new Credential("Basic", "for-" + peer, Instant.MAX)))
        .build();
    discovery = ServiceDiscovery.builder(registry).build();
  }

  @AfterEach
  void close() {
    discovery.close();
    registry.close();
    workers.close();
    server.stop(0);
  }

  @Test
  void listsOfOne_andNumbersAsText_areUnderstood_fromTheSecondServerToo() throws Exception {
    awaitLive();

    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
    assertThat(authorizations).isNotEmpty().containsOnly("Basic for-eureka");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"applications\": {\"application\": [{\"name\": \"ORDERS\", \"inst",
        "{\"applications\": 7}",
        "{\"applications\": {\"apps__hashcode\": \"\", \"application\": \"none\"}}",
        "{\"applications\": {\"application\": [{\"instance\": []}]}}",
        "<applications/>",
      })
  void answerThatIsNone_keepsTheLastGoodList(String answer) throws Exception {
    awaitLive();

    full = answer;
    delta = answer;

    awaitStaleAndBack();
  }

  @Test
  void serverError_keepsTheLastGoodList() throws Exception {
    awaitLive();

    status = 500;

    awaitStaleAndBack();
  }

  @Test
  void refusal_keepsTheLastGoodList() throws Exception {
    awaitLive();

    status = 401;

    awaitStaleAndBack();
  }

  @Test
  void hugeAnswer_keepsTheLastGoodList() throws Exception {
    awaitLive();

    full = GOOD + " ".repeat(5000);
    delta = full;

    awaitStaleAndBack();
  }

  @Test
  void instanceThatCannotBeCalled_isLeftOut_andStillCounts() throws Exception {
    full = GOOD.replace(
            "\"instance\": {", "\"instance\": [{\"instanceId\": \"odd\", \"status\": \"UP\"}, {")
        .replace("\"zone\": \"a\"}}", "\"zone\": \"a\"}}]");
    delta = """
        {"applications": {"apps__hashcode": "UP_2_", "application": []}}
        """;
    awaitLive();

    Instant first = discovery.current("orders").asOf();
    eventually("a delta", () -> discovery.current("orders").asOf().isAfter(first));

    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
  }

  @Test
  void fullAnswerThatIsOlderThanTheChanges_losesNobody() throws Exception {
    delta = GOOD.replace("UP_1_", "UP_2_")
        .replace("i1", "i2")
        .replace("10.0.0.1", "10.0.0.2")
        .replace("\"status\"", "\"actionType\": \"ADDED\", \"status\"");
    List<Integer> counts = new CopyOnWriteArrayList<>();
    awaitLive();
    Subscription subscription =
        discovery.watch("orders", snapshot -> counts.add(snapshot.instances().size()));

    eventually(
        "everything again, and a change after it", () -> fulls.get() >= 2 && deltas.get() > 24);

    subscription.close();
    assertThat(counts).containsOnly(2);
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> EurekaRegistry.builder(
                List.of(URI.create("eureka:8761")), workers.scheduler(), workers.executor())
            .refreshInterval(Duration.ZERO)
            .heartbeat(Duration.ofSeconds(3), Duration.ofSeconds(2))
            .build())
        .hasMessage("refreshInterval: PT0S (expected: more than zero); "
            + "ttl: PT2S (expected: at least the beat, PT3S); "
            + "servers: eureka:8761 (expected: http or https with a host)");
  }

  private void awaitLive() throws Exception {
    eventually("live", () -> discovery.current("orders").freshness() == Freshness.LIVE);
  }

  private void awaitStaleAndBack() throws Exception {
    eventually("stale", () -> discovery.current("orders").freshness() == Freshness.STALE);
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
    status = 200;
    full = GOOD;
    delta = GOOD;
    awaitLive();
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
  }
}
