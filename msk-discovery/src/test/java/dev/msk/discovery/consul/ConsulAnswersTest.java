package dev.msk.discovery.consul;

import static dev.msk.discovery.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scheduler;
import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that speaks HTTP and not always Consul: no real one gives these answers on command. Each query waits until the test says
 * what it is answered with; time stands still.
 */
final class ConsulAnswersTest {

  private static final String GOOD = """
      [{"Node": {"Node": "n1", "Address": "10.0.0.1"},
        "Service": {"ID": "i1", "Service": "orders", "Port": 8080, "Meta": {"zone": "a"}},
        "Checks": [{"CheckID": "serfHealth", "Status": "passing"}]}]
      """;

  private static final Instance EXPECTED =
      Instance.builder("orders", "10.0.0.1", 8080).id("n1/i1").zone("a").build();

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final Workers workers = new Workers();
  private final ManualTime time = ManualTime.create();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> queries = new CopyOnWriteArrayList<>();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private HttpServer server;
  private ConsulRegistry registry;
  private ServiceDiscovery discovery;

  private record Answer(int status, String index, String body) {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/health/service/orders", this::answer);
    server.start();
    URI agent = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    registry = ConsulRegistry.builder(agent, this::schedule, workers.executor())
        .ticker(time)
        .requestTimeout(TIMEOUT)
        .maxBodyBytes(4096)
        .build();
    discovery = ServiceDiscovery.builder(registry).build();
  }

  private Scheduler.Task schedule(Duration delay, Runnable task) {
    Scheduler.Task scheduled = time.schedule(delay, task);
    if (delay.compareTo(TIMEOUT) < 0) {
      pauses.add(delay);
    }
    return scheduled;
  }

  private void answer(HttpExchange exchange) throws IOException {
    queries.add(String.valueOf(exchange.getRequestURI().getQuery()));
    try {
      Answer answer = answers.take();
      byte[] body = answer.body().getBytes(UTF_8);
      if (!answer.index().isEmpty()) {
        exchange.getResponseHeaders().set("X-Consul-Index", answer.index());
      }
      exchange.sendResponseHeaders(answer.status(), body.length);
      try (var out = exchange.getResponseBody()) {
        out.write(body);
      }
    } catch (InterruptedException e) {
      exchange.close();
    }
  }

  @AfterEach
  void close() {
    discovery.close();
    registry.close();
    workers.close();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void eachQuery_waitsFromTheIndexOfTheAnswerBefore() throws Exception {
    answered(200, "17", GOOD);
    answered(200, "23", GOOD);

    awaitQueries("null", "index=17&wait=55000ms", "index=23&wait=55000ms");
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
  }

  @Test
  void indexThatGoesBackwards_isAskedForAnew() throws Exception {
    answered(200, "17", GOOD);
    answered(200, "5", GOOD);
    answered(200, "5", GOOD);

    awaitQueries("null", "index=17&wait=55000ms", "null", "index=5&wait=55000ms");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-3", "seven", "99999999999999999999999"})
  void indexThatIsNone_waitsFromOneOn(String index) throws Exception {
    answered(200, index, GOOD);

    awaitQueries("null", "index=1&wait=55000ms");
  }

  @Test
  void answerAtOnce_isFollowedByAPause() throws Exception {
    follow();
    answers.add(new Answer(200, "17", GOOD));
    eventually("next query planned", () -> pauses.equals(List.of(Duration.ofMillis(200))));

    time.advance(Duration.ofMillis(199));
    assertThat(time.pendingTasks()).isEqualTo(1);
    time.advance(Duration.ofMillis(1));

    awaitQueries("null", "index=17&wait=55000ms");
  }

  @Test
  void changeThatNobodyWasWokenFor_isSeenWhenTheWaitIsOver() throws Exception {
    answered(200, "17", "[]");
    eventually("nobody", () -> discovery.current("orders").freshness() == Freshness.LIVE);

    time.advance(Duration.ofSeconds(55));
    answers.add(new Answer(200, "17", GOOD));

    eventually("seen", () -> discovery.current("orders").instances().equals(List.of(EXPECTED)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "null",
        "[{\"Node\": {\"Node\": \"n1\"",
        "[7]",
        "[{\"Node\": 7, \"Service\": {}, \"Checks\": []}]",
        "[{\"Node\": {}, \"Service\": {}}]",
        "No cluster leader",
      })
  void answerThatIsNone_keepsTheLastGoodList(String body) throws Exception {
    keepsTheLastGoodList(new Answer(200, "18", body));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400, 403, 404, 429, 500, 503})
  void statusThatIsNone_keepsTheLastGoodList(int status) throws Exception {
    keepsTheLastGoodList(new Answer(status, "18", GOOD));
  }

  @Test
  void hugeAnswer_keepsTheLastGoodList() throws Exception {
    keepsTheLastGoodList(new Answer(200, "18", GOOD + " ".repeat(5000)));
  }

  private void keepsTheLastGoodList(Answer bad) throws Exception {
    answered(200, "17", GOOD);
    eventually("waits", () -> queries.size() == 2);
    time.advance(Duration.ofSeconds(10));

    answers.add(bad);

    eventually("stale", () -> discovery.current("orders").freshness() == Freshness.STALE);
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
    eventually("next query planned", () -> pauses.size() == 2);
    assertThat(pauses.get(1)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
    time.advance(pauses.get(1));
    awaitQueries("null", "index=17&wait=55000ms", "null");
    answers.add(new Answer(200, "19", GOOD));
    eventually("live", () -> discovery.current("orders").freshness() == Freshness.LIVE);
  }

  @Test
  void answerThatDoesNotCome_isAFailure_onlyAfterConsulsOwnDelay() throws Exception {
    answered(200, "17", GOOD);
    eventually("waits", () -> queries.size() == 2);

    time.advance(Duration.ofMillis(55_000 + 55_000 / 16 + 4_999));
    assertThat(discovery.current("orders").freshness()).isEqualTo(Freshness.LIVE);
    time.advance(Duration.ofSeconds(1));

    eventually("stale", () -> discovery.current("orders").freshness() == Freshness.STALE);
    assertThat(discovery.current("orders").instances()).containsExactly(EXPECTED);
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> ConsulRegistry.builder(
                URI.create("consul:8500"), workers.scheduler(), workers.executor())
            .wait(Duration.ofMinutes(11))
            .heartbeat(Duration.ofSeconds(3), Duration.ofSeconds(2))
            .deregisterAfter(Duration.ofSeconds(30))
            .build())
        .hasMessage("wait: PT11M (expected: PT1S to PT10M); "
            + "ttl: PT2S (expected: at least the beat, PT3S); "
            + "deregisterAfter: PT30S (expected: at least PT1M); "
            + "agent: consul:8500 (expected: http or https with a host)");
  }

  private void follow() throws Exception {
    discovery.current("orders");
    eventually("asked", () -> !queries.isEmpty());
  }

  /** Answers the query that waits, and lets the pause after it pass. */
  private void answered(int status, String index, String body) throws Exception {
    follow();
    int before = pauses.size();
    int asked = queries.size();
    answers.add(new Answer(status, index, body));
    eventually("next query planned", () -> pauses.size() == before + 1);
    time.advance(pauses.get(before));
    eventually("asked again", () -> queries.size() == asked + 1);
  }

  private void awaitQueries(String... expected) throws Exception {
    eventually("queries " + List.of(expected), () -> queries.equals(List.of(expected)));
  }
}
