package dev.msk.discovery.dns;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.Workers;
import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.localservers.DnsServer;
import dev.msk.localservers.DnsServer.RecordType;
import dev.msk.localservers.junit.WithServers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a real name server; time stands still between the looks. */
@WithServers
final class DnsSourceTest {

  private static final String NAME = "_orders._tcp.shop.test";

  private final DnsServer dns;
  private final Workers workers = new Workers();
  private final ManualTime time = ManualTime.create();
  private final DnsSource source;
  private final ServiceDiscovery discovery;

  DnsSourceTest(DnsServer dns) {
    this.dns = dns;
    this.source = quick(DnsSource.srv("_{service}._tcp.shop.test", time, workers.executor()));
    this.discovery =
        ServiceDiscovery.builder(source).confirmLossAfter(Duration.ZERO).build();
  }

  private DnsSource quick(DnsSource.Builder builder) {
    return builder
        .servers(List.of(loopback(dns.port())))
        .timeout(Duration.ofSeconds(2))
        .build();
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @AfterEach
  void close() {
    discovery.close();
    source.close();
    workers.close();
    dns.restore();
    dns.clear();
  }

  @Test
  void srvRecords_areInstances_withPortAndWeight() throws Exception {
    address("a", "10.0.0.1");
    address("b", "10.0.0.2");
    dns.put("b.shop.test", RecordType.AAAA, Duration.ofSeconds(5), "2001:db8::2");
    srv(5, "0 10 8443 a.shop.test.", "0 30 8080 b.shop.test.");

    awaitSeen(
        instance("10.0.0.1", 8443, 10),
        instance("10.0.0.2", 8080, 30),
        instance("2001:db8:0:0:0:0:0:2", 8080, 30));
  }

  @Test
  void lowestPriority_isReportedAlone() throws Exception {
    address("a", "10.0.0.1");
    address("b", "10.0.0.2");
    srv(5, "10 0 8080 a.shop.test.", "20 0 8080 b.shop.test.");

    awaitSeen(instance("10.0.0.1", 8080, Instance.DEFAULT_WEIGHT));
  }

  @Test
  void weightOfZero_isOneBesideOthers() throws Exception {
    address("a", "10.0.0.1");
    address("b", "10.0.0.2");
    srv(5, "0 0 8080 a.shop.test.", "0 65535 8080 b.shop.test.");

    awaitSeen(instance("10.0.0.1", 8080, 1), instance("10.0.0.2", 8080, Instance.MAX_WEIGHT));
  }

  @Test
  void targetThatIsTheRoot_meansNobody() throws Exception {
    srv(5, "0 0 0 .");

    awaitSeen();
  }

  @Test
  void targetOfTwoNames_isOneInstance() throws Exception {
    address("a", "10.0.0.1");
    address("b", "10.0.0.1");
    srv(5, "0 1 8080 a.shop.test.", "0 1 8080 b.shop.test.");

    awaitSeen(instance("10.0.0.1", 8080, 1));
  }

  @Test
  void nameThatDoesNotExist_isNobody_untilItAppears() throws Exception {
    awaitSeen();

    address("a", "10.0.0.1");
    srv(5, "0 1 8080 a.shop.test.");
    eventually("next look planned", () -> time.pendingTasks() == 1);
    time.advance(Duration.ofMillis(5_500));

    awaitSeen(instance("10.0.0.1", 8080, 1));
  }

  @Test
  void change_isSeenWhenTheShortestTtlIsOver() throws Exception {
    address("a", "10.0.0.1");
    srv(20, "0 1 8080 a.shop.test.");
    awaitSeen(instance("10.0.0.1", 8080, 1));

    address("a", "10.0.0.9");
    eventually("next look planned", () -> time.pendingTasks() == 1);
    time.advance(Duration.ofMillis(4_400));
    assertThat(time.pendingTasks()).isEqualTo(1);
    time.advance(Duration.ofMillis(1_100));

    awaitSeen(instance("10.0.0.9", 8080, 1));
  }

  @Test
  void manyInstances_comeByTcp() throws Exception {
    String[] addresses =
        IntStream.rangeClosed(1, 200).mapToObj(i -> "10.0.1." + i).toArray(String[]::new);
    dns.put("many.shop.test", RecordType.A, Duration.ofSeconds(5), addresses);
    try (DnsSource byAddress =
            quick(DnsSource.addresses("{service}.shop.test", 9090, time, workers.executor()));
        ServiceDiscovery all = ServiceDiscovery.builder(byAddress).build()) {
      eventually("seen", () -> all.current("many").instances().size() == 200);

      assertThat(all.current("many").instances())
          .contains(Instance.builder("many", "10.0.1.77", 9090).build());
    }
  }

  @Test
  void targetWithoutAnAddress_isLeftOut() throws Exception {
    address("a", "10.0.0.1");
    srv(5, "0 1 8080 a.shop.test.", "0 1 8080 nowhere.shop.test.");

    awaitSeen(instance("10.0.0.1", 8080, 1));
  }

  @Test
  void targetOutsideOfWhatTheServerAnswers_isAFailure_thatNamesIt() throws Exception {
    address("a", "10.0.0.1");
    srv(5, "0 1 8080 a.shop.test.", "0 1 8080 elsewhere.invalid.");

    assertThat(firstFailure().getMessage()).contains("elsewhere.invalid");
  }

  @Test
  void failures_nameWhatWasAskedFor() throws Exception {
    for (Runnable fault : List.<Runnable>of(dns::silence, dns::servfail, dns::garbage)) {
      fault.run();

      assertThat(firstFailure()).hasMessageContaining(NAME + "./SRV: ");
    }
  }

  @Test
  void silence_isAFailureWhenTheTimeIsUp_repetitionsIncluded() throws Exception {
    dns.silence();
    long start = System.nanoTime();

    firstFailure();

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(5));
  }

  private Throwable firstFailure() throws Exception {
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    Subscription subscription = source.watch("orders", new DiscoverySource.Sink() {
      @Override
      public void instances(List<Instance> instances) {
        failures.add(new AssertionError("instances: " + instances));
      }

      @Override
      public void failed(Throwable cause) {
        failures.add(cause);
      }
    });
    Throwable failure = failures.poll(60, TimeUnit.SECONDS);
    subscription.close();
    return failure;
  }

  @Test
  void silence_isAFailure_thatKeepsTheLastGoodList() throws Exception {
    keepsTheLastGoodList(dns::silence);
  }

  @Test
  void servfail_isAFailure_thatKeepsTheLastGoodList() throws Exception {
    keepsTheLastGoodList(dns::servfail);
  }

  @Test
  void garbage_isAFailure_thatKeepsTheLastGoodList() throws Exception {
    keepsTheLastGoodList(dns::garbage);
  }

  private void keepsTheLastGoodList(Runnable fault) throws Exception {
    address("a", "10.0.0.1");
    srv(5, "0 1 8080 a.shop.test.");
    awaitSeen(instance("10.0.0.1", 8080, 1));

    fault.run();
    eventually("next look planned", () -> time.pendingTasks() == 1);
    time.advance(Duration.ofMillis(5_500));
    eventually("stale", () -> discovery.current("orders").freshness() == Freshness.STALE);
    assertThat(discovery.current("orders").instances())
        .containsExactly(instance("10.0.0.1", 8080, 1));

    dns.restore();
    eventually("next look planned", () -> time.pendingTasks() == 1);
    time.advance(Duration.ofSeconds(1));
    eventually("live", () -> discovery.current("orders").freshness() == Freshness.LIVE);
  }

  @Test
  void serverThatIsAway_isPassedOver() throws Exception {
    address("a", "10.0.0.1");
    srv(5, "0 1 8080 a.shop.test.");
    try (DnsSource both = DnsSource.srv("_{service}._tcp.shop.test", time, workers.executor())
            .servers(List.of(loopback(1), loopback(dns.port())))
            .build();
        ServiceDiscovery all = ServiceDiscovery.builder(both).build()) {
      eventually("seen", () -> all.current("orders").instances().size() == 1);
    }
  }

  @Test
  void nameThatIsTooLongForDns_isAFailure() throws Exception {
    String service = "a".repeat(64);

    eventually("failed", () -> discovery.current(service).freshness() == Freshness.STALE);
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> DnsSource.addresses("shop.test", 0, time, workers.executor())
            .timeout(Duration.ZERO)
            .interval(Duration.ofSeconds(2), Duration.ofSeconds(1))
            .build())
        .hasMessage("name: shop.test (expected: with {service} in it); "
            + "port: 0 (expected: 1 to 65535); "
            + "timeout: PT0S (expected: more than zero); "
            + "most: PT1S (expected: at least the least, PT2S)");
  }

  private void address(String host, String... values) {
    dns.put(host + ".shop.test", RecordType.A, Duration.ofSeconds(5), values);
  }

  private void srv(int ttlSeconds, String... values) {
    dns.put(NAME, RecordType.SRV, Duration.ofSeconds(ttlSeconds), values);
  }

  private static Instance instance(String host, int port, int weight) {
    return Instance.builder("orders", host, port).weight(weight).build();
  }

  private void awaitSeen(Instance... expected) throws Exception {
    eventually(
        "seen " + List.of(expected),
        () -> discovery.current("orders").freshness() == Freshness.LIVE
            && Set.copyOf(discovery.current("orders").instances()).equals(Set.of(expected)));
  }
}
