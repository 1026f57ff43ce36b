package dev.msk.discovery.dns;

import dev.msk.discovery.Instance;
import dev.msk.discovery.baddays.BadDaysContract;
import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.localservers.DnsServer;
import dev.msk.localservers.DnsServer.RecordType;
import dev.msk.localservers.junit.WithServers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** A real name server, SRV records without a TTL. */
@WithServers
final class DnsBadDaysTest extends BadDaysContract {

  private static final String HOST = "host.shop.test";

  private final DnsServer dns;

  DnsBadDaysTest(DnsServer dns) {
    this.dns = dns;
    dns.put(HOST, RecordType.A, Duration.ZERO, "127.0.0.1");
    open(() -> {
      dns.restore();
      dns.clear();
    });
  }

  @Override
  protected DiscoverySource source() {
    return open(settings().build());
  }

  /** DNS does not tell who speaks TLS. */
  @Override
  protected DiscoverySource sourceOfTls() {
    return open(settings().tls(true).build());
  }

  private DnsSource.Builder settings() {
    return DnsSource.srv("_{service}._tcp.shop.test", workers.scheduler(), workers.executor())
        .servers(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), dns.port())))
        .timeout(Duration.ofSeconds(1))
        .interval(Duration.ofMillis(100), Duration.ofMillis(200))
        .ipv6(false);
  }

  @Override
  protected void list(String service, List<Instance> instances) {
    if (instances.isEmpty()) {
      dns.remove(name(service), RecordType.SRV);
    } else {
      String[] records = instances.stream()
          .map(instance -> "0 1 " + instance.port() + " " + HOST + ".")
          .toArray(String[]::new);
      dns.put(name(service), RecordType.SRV, Duration.ZERO, records);
    }
  }

  private static String name(String service) {
    return "_" + service + "._tcp.shop.test";
  }

  @Override
  protected void cut() {
    dns.silence();
  }

  @Override
  protected void restore() {
    dns.restore();
  }

  @Override
  protected boolean isTold() {
    return false;
  }

  /** DNS wakes nobody, so that no wake-up can be lost: each answer is whole. */
  @Override
  protected void changeUntold(ThrowingRunnable change) throws Exception {
    change.run();
  }

  /** Whoever keeps the zone enters instances. */
  @Override
  protected List<String> registration() {
    return List.of();
  }

  /** DNS knows nobody who leaves, only who is there. */
  @Override
  protected void terminating(String service, Instance staying, Instance leaving) {
    list(service, List.of(staying));
  }
}
