package dev.msk.discovery.kubernetes;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.Workers;
import dev.msk.discovery.http.SelfSigned;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against {@link KubernetesContractServer}. */
final class KubernetesSourceTest {

  private static final String PORT = "\"ports\": [{\"name\": \"http\", \"port\": 8080}]";
  private static final Instance A = pod("a", "10.0.0.1").build();
  private static final Instance B = pod("b", "10.0.0.2").build();

  @TempDir
  Path folder;

  private final Workers workers = new Workers();
  private KubernetesContractServer kubernetes;
  private KubernetesSource source;
  private ServiceDiscovery discovery;

  @BeforeEach
  void open() throws IOException {
    kubernetes = KubernetesContractServer.start();
    source = builder().build();
    discovery = credulous(source);
  }

  private KubernetesSource.Builder builder() {
    return KubernetesSource.builder(
            kubernetes.uri("127.0.0.1"), "shop", workers.scheduler(), workers.executor())
        .maxBodyBytes(20_000);
  }

  private static ServiceDiscovery credulous(KubernetesSource source) {
    return ServiceDiscovery.builder(source)
        .maxLoss(1)
        .confirmLossAfter(Duration.ZERO)
        .build();
  }

  @AfterEach
  void close() {
    discovery.close();
    source.close();
    workers.close();
    kubernetes.close();
  }

  @Test
  void slices_areSeen_andFollowed() throws Exception {
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
    kubernetes.put("payments", "payments-1", slice(endpoint("c", "10.0.0.3", "")));
    awaitSeen(A);

    kubernetes.put("orders", "orders-2", slice(endpoint("b", "10.0.0.2", "")));
    awaitSeen(A, B);

    kubernetes.put("orders", "orders-2", slice(endpoint("b", "10.0.0.9", "")));
    awaitSeen(A, pod("b", "10.0.0.9").build());

    kubernetes.remove("orders-2");
    awaitSeen(A);
    assertThat(kubernetes.requests()).as("a list and a watch").hasSize(2);
  }

  @Test
  void conditions_becomeStates() throws Exception {
    kubernetes.put(
        "orders",
        "orders-1",
        slice(
            endpoint("a", "10.0.0.1", "\"conditions\": {\"ready\": true}"),
            endpoint(
                "b",
                "10.0.0.2",
                "\"conditions\": {\"ready\": false, \"serving\": true, \"terminating\": true}"),
            endpoint(
                "c",
                "10.0.0.3",
                "\"conditions\": {\"ready\": false, \"serving\": false, \"terminating\": true}"),
            endpoint("d", "10.0.0.4", "\"conditions\": {\"ready\": false, \"serving\": false}"),
            endpoint("e", "10.0.0.5", "\"zone\": \"eu-1\", \"nodeName\": \"n7\"")));

    awaitSeen(
        A,
        B.withState(State.DRAINING),
        pod("c", "10.0.0.3").state(State.DOWN).build(),
        pod("d", "10.0.0.4").state(State.DOWN).build(),
        pod("e", "10.0.0.5").zone("eu-1").metadata(Map.of("node", "n7")).build());
  }

  @Test
  void podThatGoes_drainsFirst_andIsLetGoUnquestioned() throws Exception {
    List<Snapshot> seen = new CopyOnWriteArrayList<>();
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
    try (ServiceDiscovery guarded = ServiceDiscovery.builder(source).build();
        Subscription subscription = guarded.watch("orders", seen::add)) {
      eventually("up", () -> guarded.current("orders").instances().equals(List.of(A)));

      kubernetes.put(
          "orders",
          "orders-1",
          slice(endpoint(
              "a",
              "10.0.0.1",
              "\"conditions\": {\"ready\": false, \"serving\": true, \"terminating\": true}")));
      eventually(
          "drains",
          () -> guarded.current("orders").instances().equals(List.of(A.withState(State.DRAINING))));
      kubernetes.put("orders", "orders-1", slice());

      eventually("gone", () -> guarded.current("orders").instances().isEmpty());
      assertThat(subscription).isNotNull();
      assertThat(seen).extracting(Snapshot::freshness).doesNotContain(Freshness.STALE);
    }
  }

  @Test
  void pages_areReadToTheEnd() throws Exception {
    kubernetes.pageSize(2);
    for (int i = 1; i <= 5; i++) {
      kubernetes.put("orders", "orders-" + i, slice(endpoint("p" + i, "10.0.0." + i, "")));
    }

    awaitSeen(IntStream.rangeClosed(1, 5)
        .mapToObj(i -> pod("p" + i, "10.0.0." + i).build())
        .toArray(Instance[]::new));
    assertThat(kubernetes.requests())
        .filteredOn(query -> !query.contains("watch"))
        .hasSize(3)
        .allMatch(query -> query.contains("limit=500"));
  }

  @Test
  void podInTwoSlices_countsOnce_andIpv4IsPreferred() throws Exception {
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
    kubernetes.put("orders", "orders-2", slice(endpoint("a", "10.0.0.1", "")));
    kubernetes.put(
        "orders", "orders-6", slice(endpoint("a", "2001:db8::1", "")).replace("IPv4", "IPv6"));

    awaitSeen(A);

    kubernetes.remove("orders-1");
    kubernetes.remove("orders-2");
    awaitSeen(pod("a", "2001:db8::1").build());
  }

  @Test
  void watch_goesOnFromTheBookmark() throws Exception {
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
    awaitSeen(A);
    eventually("watched", () -> kubernetes.openWatches() == 1);

    kubernetes.bookmark("orders");
    kubernetes.bookmark("orders");
    kubernetes.endWatches();

    eventually(
        "opened anew",
        () -> kubernetes.requests().stream()
            .anyMatch(query -> query.contains("resourceVersion=103")));
    assertThat(discovery.current("orders").freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void versionThatIsGone_isListedAnew_andNobodyNotices() throws Exception {
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
    List<Snapshot> seen = new CopyOnWriteArrayList<>();
    Subscription subscription = discovery.watch("orders", seen::add);
    awaitSeen(A);

    kubernetes.send(
        "orders",
        "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 410, \"message\": \"too old\"}}");
    kubernetes.put("orders", "orders-2", slice(endpoint("b", "10.0.0.2", "")));

    awaitSeen(A, B);
    subscription.close();
    assertThat(seen).extracting(Snapshot::freshness).doesNotContain(Freshness.STALE);
  }

  @Test
  void watchThatBreaks_isAFailure_andNothingIsMissedAfterIt() throws Exception {
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
    awaitSeen(A);
    eventually("watched", () -> kubernetes.openWatches() == 1);

    kubernetes.compact();
    kubernetes.breakWatches();
    eventually("stale", () -> discovery.current("orders").freshness() == Freshness.STALE);
    assertThat(discovery.current("orders").instances()).containsExactly(A);
    kubernetes.put("orders", "orders-2", slice(endpoint("b", "10.0.0.2", "")));

    awaitSeen(A, B);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\": \"ADDED\", \"object\": {",
        "{\"type\": \"ADDED\", \"object\": {}}",
        "{\"type\": \"RENAMED\", \"object\": {}}",
        "{\"type\": \"ERROR\", \"object\": {\"code\": 500, \"message\": \"etcd is away\"}}",
        "{\"type\": \"ADDED\", \"object\": {\"metadata\": {\"name\": \"x\"}, \"endpoints\": 7}}",
        "7",
      })
  void eventThatIsNotUnderstood_keepsTheLastGoodList(String line) throws Exception {
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
    List<Snapshot> seen = new CopyOnWriteArrayList<>();
    Subscription subscription = discovery.watch("orders", seen::add);
    awaitSeen(A);

    kubernetes.send("orders", line);

    eventually("failed", () -> seen.stream().anyMatch(s -> s.freshness() == Freshness.STALE));
    awaitSeen(A);
    subscription.close();
    assertThat(seen)
        .filteredOn(snapshot -> snapshot.freshness() == Freshness.STALE)
        .allMatch(snapshot -> snapshot.instances().equals(List.of(A)));
  }

  @Test
  void hugeEvent_keepsTheLastGoodList() throws Exception {
    eventThatIsNotUnderstood_keepsTheLastGoodList("x".repeat(30_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 401, 403, 404, 429, 500, 503})
  void statusThatIsNone_isAFailure_thatHeals(int status) throws Exception {
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
    kubernetes.status(status);
    eventually("failed", () -> discovery.current("orders").freshness() == Freshness.STALE);

    kubernetes.status(200);

    awaitSeen(A);
  }

  @Test
  void severalPorts_wantAName() throws Exception {
    String two = """
        "ports": [{"name": "metrics", "port": 9090}, {"name": "api", "port": 8443, "appProtocol": "https"}]""";
    kubernetes.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")).replace(PORT, two));
    eventually("failed", () -> discovery.current("orders").freshness() == Freshness.STALE);

    try (KubernetesSource named = builder().portName("api").build();
        ServiceDiscovery found = credulous(named)) {
      Instance expected =
          Instance.builder("orders", "10.0.0.1", 8443).id("a").tls(true).build();
      eventually("seen", () -> found.current("orders").instances().equals(List.of(expected)));
    }
  }

  @Test
  void inCluster_takesAllFromTheServiceAccount_andAnExchangedToken() throws Exception {
    SelfSigned authority = SelfSigned.of("localhost", folder);
    byte[] certificate = authority.keys().getCertificate("localhost").getEncoded();
    Files.writeString(
        folder.resolve("ca.crt"),
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(certificate)
            + "\n-----END CERTIFICATE-----\n");
    Files.writeString(folder.resolve("namespace"), "shop\n");
    Files.writeString(folder.resolve("token"), "one\n");
    try (KubernetesContractServer tls = KubernetesContractServer.start(authority.context());
        KubernetesSource mine = KubernetesSource.inCluster(
                tls.uri("localhost"), folder, workers.scheduler(), workers.executor())
            .build();
        ServiceDiscovery found = credulous(mine)) {
      tls.expectToken("one");
      tls.put("orders", "orders-1", slice(endpoint("a", "10.0.0.1", "")));
      eventually("seen", () -> found.current("orders").instances().equals(List.of(A)));
      eventually("watched", () -> tls.openWatches() == 1);

      Files.writeString(folder.resolve("token"), "two\n");
      tls.expectToken("two");
      tls.breakWatches();
      tls.put("orders", "orders-2", slice(endpoint("b", "10.0.0.2", "")));

      eventually("seen", () -> found.current("orders").instances().equals(List.of(A, B)));
    }
  }

  @Test
  void withoutAServiceAccount_inCluster_saysWhatIsMissing() {
    assertThatThrownBy(() -> KubernetesSource.inCluster(workers.scheduler(), workers.executor()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(
            "(expected: the files of a pod's service account in /var/run/secrets/");
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> KubernetesSource.builder(
                URI.create("kubernetes"), "Shop", workers.scheduler(), workers.executor())
            .watchTimeout(Duration.ofSeconds(5))
            .maxBodyBytes(7)
            .build())
        .hasMessage("api: kubernetes (expected: http or https with a host); "
            + "namespace: Shop (expected: 1 to 63 of a-z 0-9 -); "
            + "watchTimeout: PT5S (expected: PT10S to PT10M); "
            + "maxBodyBytes: 7 (expected: >= 1024)");
  }

  private static Instance.Builder pod(String name, String address) {
    return Instance.builder("orders", address, 8080).id(name);
  }

  private static String slice(String... endpoints) {
    return "\"addressType\": \"IPv4\", " + PORT + ", \"endpoints\": ["
        + String.join(", ", endpoints) + "]";
  }

  private static String endpoint(String pod, String address, String more) {
    return "{\"addresses\": [\"" + address + "\"], \"targetRef\": {\"kind\": \"Pod\", \"name\": \""
        + pod + "\"}" + (more.isEmpty() ? "" : ", " + more) + "}";
  }

  private void awaitSeen(Instance... expected) throws Exception {
    eventually(
        "seen " + List.of(expected),
        () -> discovery.current("orders").freshness() == Freshness.LIVE
            && Set.copyOf(discovery.current("orders").instances()).equals(Set.of(expected)));
  }
}
