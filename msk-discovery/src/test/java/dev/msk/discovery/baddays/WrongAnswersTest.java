package dev.msk.discovery.baddays;

import static dev.msk.discovery.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scheduler;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.consul.ConsulRegistry;
import dev.msk.discovery.eureka.EurekaRegistry;
import dev.msk.discovery.http.DiscoveringHttpClient;
import dev.msk.discovery.kubernetes.KubernetesSource;
import dev.msk.discovery.spi.DiscoverySource;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The registries that are asked by HTTP, and what they may answer in place of a list: the failure says what was wrong, and the last good
 * list is kept. Time between two looks passes twenty times as fast.
 */
final class WrongAnswersTest {

  private static final int MAX_BYTES = 64 << 10;
  private static final String HUGE = "huge";
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Workers workers = new Workers();
  private final Scheduler hurried =
      (delay, task) -> workers.scheduler().schedule(delay.dividedBy(20), task);
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private final List<AutoCloseable> sources = new ArrayList<>();
  private volatile boolean isGoodDay;
  private volatile int status = 200;
  private volatile String body = "";

  /** How each is asked, and what it answers on a good day. */
  enum Registry {
    CONSUL("agent", "[", "]", """
        {"Node": {"Node": "n", "Address": "10.0.0.1"}, "Service": {"ID": "i%d", "Port": 8080}, "Checks": []}""") {
      @Override
      DiscoverySource source(URI at, Scheduler scheduler, Executor executor) {
        return ConsulRegistry.builder(at, scheduler, executor)
            .requestTimeout(PATIENCE)
            .maxBodyBytes(MAX_BYTES)
            .build();
      }
    },
    EUREKA(
        "servers",
        "{\"applications\": {\"apps__hashcode\": \"\", \"application\": {\"name\": \"ORDERS\", \"instance\": [",
        "]}}}",
        """
        {"instanceId": "i%d", "hostName": "10.0.0.1", "status": "UP", "port": {"$": 8080}}""") {
      @Override
      DiscoverySource source(URI at, Scheduler scheduler, Executor executor) {
        return EurekaRegistry.builder(List.of(at), scheduler, executor)
            .refreshInterval(Duration.ofSeconds(1))
            .requestTimeout(PATIENCE)
            .maxBodyBytes(MAX_BYTES)
            .build();
      }
    },
    KUBERNETES(
        "api",
        "{\"metadata\": {\"resourceVersion\": \"1\"}, \"items\": [{\"metadata\": {\"name\": \"orders-1\"}, "
            + "\"ports\": [{\"port\": 8080}], \"endpoints\": [",
        "]}]}",
        """
        {"addresses": ["10.0.0.1"], "targetRef": {"name": "i%d"}}""") {
      @Override
      DiscoverySource source(URI at, Scheduler scheduler, Executor executor) {
        return KubernetesSource.builder(at, "shop", scheduler, executor)
            .requestTimeout(PATIENCE)
            .maxBodyBytes(MAX_BYTES)
            .build();
      }
    };

    private final String setting;
    private final String begin;
    private final String end;
    private final String instance;

    Registry(String setting, String begin, String end, String instance) {
      this.setting = setting;
      this.begin = begin;
      this.end = end;
      this.instance = instance;
    }

    abstract DiscoverySource source(URI at, Scheduler scheduler, Executor executor);

    String list(int count) {
      return IntStream.range(0, count)
          .mapToObj(instance::formatted)
          .collect(joining(", ", begin, end));
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    // On a good day nothing happens in a watch, and it ends.
    boolean isQuiet = isGoodDay && query.contains("watch=true");
    byte[] bytes = isQuiet ? new byte[0] : (body + "\n").getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      try (var out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }
  }

  private void answerWith(boolean good, int code, String text) {
    isGoodDay = good;
    status = code;
    body = text;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable source : sources) {
      source.close();
    }
    workers.close();
    server.stop(0);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      CONSUL     | 200 | [{"Node": {"Node": "n1",                    | Unexpected end-of-input
      CONSUL     | 200 | {}                                         | answer: OBJECT (expected: a list)
      CONSUL     | 200 | [{"Node": 7}]                              | Node: NUMBER (expected: an object)
      CONSUL     | 200 | [{"Node": {}, "Service": {}, "Checks": ""}] | Checks: STRING (expected: a list)
      CONSUL     | 200 | No cluster leader                          | Unrecognized token 'No'
      CONSUL     | 500 | No cluster leader                          | /v1/health/service/orders: status 500 (expected: 2xx): No cluster leader
      CONSUL     | 403 | Permission denied                          | /v1/health/service/orders: status 403 (expected: 2xx): Permission denied
      CONSUL     | 200 | huge                                       | body: more than 65536 bytes (expected: at most that)
      EUREKA     | 200 | {"applications": {"application": [{"name"  | Unexpected end-of-input
      EUREKA     | 200 | {"applications": 7}                        | applications: missing (expected: an object)
      EUREKA     | 200 | {"applications": {"application": 7}}       | application: NUMBER (expected: a list)
      EUREKA     | 200 | {"applications": {"application": [{}]}}    | name: null (expected: text)
      EUREKA     | 200 | <applications/>                            | Unexpected character ('<'
      EUREKA     | 500 | Internal Server Error                      | /apps: status 500 (expected: 2xx): Internal Server Error
      EUREKA     | 401 | who are you?                               | /apps: status 401 (expected: 2xx): who are you?
      EUREKA     | 200 | huge                                       | body: more than 65536 bytes (expected: at most that)
      KUBERNETES | 200 | {"metadata": {}, "items": [{"metadata"     | Unexpected end-of-input
      KUBERNETES | 200 | {"items": 7}                               | items: missing (expected: a list of slices)
      KUBERNETES | 200 | {"items": [{}]}                            | metadata.name: missing (expected: the name of a slice)
      KUBERNETES | 200 | {"items": [{"metadata": {"name": "s"}, "ports": [{"port": 1}], "endpoints": 7}]} | endpoints: NUMBER (expected: a list)
      KUBERNETES | 200 | <html>                                     | Unexpected character ('<'
      KUBERNETES | 500 | etcd is away                               | status 500 (expected: 2xx): etcd is away
      KUBERNETES | 403 | forbidden                                  | status 403 (expected: 2xx): forbidden
      KUBERNETES | 200 | huge                                       | body: more than 65536 bytes (expected: at most that)
      """)
  void answerThatIsNoList_isToldClearly_andTheLastGoodListIsKept(
      Registry registry, int wrongStatus, String wrong, String message) throws Exception {
    answerWith(true, 200, registry.list(2));
    try (ServiceDiscovery discovery = discovery(registry, here())) {
      eventually("live", () -> discovery.current("orders").freshness() == Freshness.LIVE);
      List<Instance> good = discovery.current("orders").instances();
      assertThat(good).hasSize(2);

      String huge = registry.list(2) + " ".repeat(MAX_BYTES);
      answerWith(false, wrongStatus, wrong.equals(HUGE) ? huge : wrong);
      eventually(
          message + " is among " + failures,
          () -> failures.stream().anyMatch(failure -> failure.contains(message)));
      assertThat(discovery.current("orders").instances()).isEqualTo(good);
      assertThat(discovery.current("orders").freshness()).isEqualTo(Freshness.STALE);

      answerWith(true, 200, registry.list(2));
      eventually("live", () -> discovery.current("orders").freshness() == Freshness.LIVE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void listOfHundreds_isRead(Registry registry) throws Exception {
    answerWith(true, 200, registry.list(500));

    try (ServiceDiscovery discovery = discovery(registry, here())) {
      eventually("seen", () -> discovery.current("orders").instances().size() == 500);
    }
  }

  @ParameterizedTest
  @EnumSource
  void registryThatRefuses_isNamed(Registry registry) throws Exception {
    cannotReach(registry, URI.create("http://127.0.0.1:1"), ": cannot connect");
  }

  @ParameterizedTest
  @EnumSource
  void registryWhoseHostHasNoAddress_isNamed(Registry registry) throws Exception {
    cannotReach(registry, URI.create("http://registry.invalid:8500"), ": its host has no address");
  }

  private void cannotReach(Registry registry, URI at, String why) throws Exception {
    try (ServiceDiscovery discovery = discovery(registry, at)) {
      assertThat(discovery.current("orders").instances()).isEmpty();
      eventually("failed", () -> !failures.isEmpty());

      assertThat(failures.get(0)).contains("ConnectException: " + at + "/").endsWith(why);
    }
  }

  @ParameterizedTest
  @CsvSource({"ftp://registry:8500", "registry:8500", "unix:///run/registry.sock", "http:registry"})
  void schemeThatIsUnknown_isRefused(URI at) {
    for (Registry registry : Registry.values()) {
      assertThatThrownBy(() -> registry.source(at, hurried, workers.executor()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(registry.setting + ": " + at + " (expected: http or https with a host)");
    }
  }

  @Test
  void instanceWhoseHostHasNoAddress_isPassedOver_andAloneIsNamed() throws Exception {
    Instance nowhere = Instance.builder("orders", "instance.invalid", 8080).build();
    Instance here =
        Instance.builder("orders", "127.0.0.1", server.getAddress().getPort()).build();

    assertThat(call(List.of(nowhere, here))).isEqualTo(200);
    assertThatThrownBy(() -> call(List.of(nowhere)))
        .isInstanceOf(ConnectException.class)
        .hasMessage("orders at instance.invalid:8080: cannot connect");
  }

  private int call(List<Instance> instances) throws Exception {
    ServiceDiscovery discovery =
        ServiceDiscovery.builder(DiscoverySource.fixed(instances)).build();
    try (DiscoveringHttpClient client = DiscoveringHttpClient.builder(
            LoadBalancer.roundRobin(discovery).build(), workers.scheduler(), workers.executor())
        .build()) {
      int last = 0;
      // Each of two is the first once.
      for (int i = 0; i < 2; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://orders/")).build();
        last = client.send(request, BodyHandlers.discarding()).statusCode();
      }
      return last;
    }
  }

  private URI here() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private ServiceDiscovery discovery(Registry registry, URI at) {
    DiscoverySource source = registry.source(at, hurried, workers.executor());
    sources.add((AutoCloseable) source);
    return ServiceDiscovery.builder((service, sink) ->
            source.watch(service, new DiscoverySource.Sink() {
              @Override
              public void instances(List<Instance> instances) {
                sink.instances(instances);
              }

              @Override
              public void failed(Throwable cause) {
                sink.failed(cause);
                failures.add(cause.toString());
              }
            }))
        .build();
  }
}
