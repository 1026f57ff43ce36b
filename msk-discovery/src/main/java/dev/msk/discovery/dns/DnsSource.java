package dev.msk.discovery.dns;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.spi.Faults;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.spi.DiscoverySource;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Instances by DNS: SRV records (RFC 2782), or A and AAAA records with a port that is known. For Kubernetes' headless services, Consul's
 * DNS, or a zone kept by hand.
 *
 * <p><b>Reporting.</b> Asked again when the shortest TTL of the answer is over, at least 1 s and at most 30 s after it, give or take a
 * tenth; five seconds after an answer that the name is not there. A name that does not exist is an empty list; a server that fails, refuses or is silent is a
 * failure. After failures it is asked again from a second on, growing to half a minute, with jitter. Answers that do not fit into a datagram are
 * fetched by TCP.
 *
 * <p><b>SRV.</b> Of several priorities the lowest number alone is reported. Each address of a target is an instance, of the record's port
 * and weight; 0 counts as 1, unless all are 0. The target {@code .} means that there is nobody.
 *
 * <p>DNS tells neither version, zone nor state: instances are {@code UP}, as {@code address:service:port}.
 *
 * <p>Thread-safe. Runs on the caller's scheduler and executor; dnsjava has one selector thread of its own per process.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2782">RFC 2782, A DNS RR for specifying the location of services</a>
 */
public final class DnsSource implements DiscoverySource, AutoCloseable {

  private static final String SERVICE = "{service}";

  private final Builder settings;
  private final DnsLookup lookup;
  private final Set<DnsWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private DnsSource(Builder settings) {
    this.settings = settings;
    this.lookup = new DnsLookup(settings);
  }

  /**
   * A source that reads SRV records, asks the system's name servers, and waits 5 s for an answer.
   *
   * @param name of the records, with {@code {service}} in place of the service's name: {@code _{service}._tcp.shop.example}
   * @param scheduler times the looks
   * @param executor runs what comes back
   * @return a builder with these defaults
   * @throws dev.msk.core.MissingDependencyException when dnsjava is not there
   */
  public static Builder srv(String name, Scheduler scheduler, Executor executor) {
    return new Builder(name, 0, true, scheduler, executor);
  }

  /**
   * A source that reads A and AAAA records, asks the system's name servers, and waits 5 s for an answer.
   *
   * @param name of the records, with {@code {service}} in place of the service's name: {@code {service}.shop.svc.cluster.local}
   * @param port of all instances
   * @param scheduler times the looks
   * @param executor runs what comes back
   * @return a builder with these defaults
   * @throws dev.msk.core.MissingDependencyException when dnsjava is not there
   */
  public static Builder addresses(String name, int port, Scheduler scheduler, Executor executor) {
    return new Builder(name, port, false, scheduler, executor);
  }

  /** {@inheritDoc} A service whose name cannot be part of a DNS name has failed for good. */
  @Override
  public Subscription watch(String service, Sink sink) {
    DnsWatch watch = new DnsWatch(service, sink, settings, lookup, watches::remove);
    watches.add(watch);
    if (closed) {
      watch.close();
    } else {
      watch.start();
    }
    return watch;
  }

  /** Ends the reports. Idempotent, waits for nothing. */
  @Override
  public void close() {
    closed = true;
    watches.forEach(DnsWatch::close);
  }

  /** Builds a {@link DnsSource}. Confined to one thread. */
  public static final class Builder {

    final String name;
    final int port;
    final boolean isSrv;
    final Scheduler scheduler;
    final Executor executor;
    List<InetSocketAddress> servers = List.of();
    Duration timeout = Duration.ofSeconds(5);
    Duration minInterval = Duration.ofSeconds(1);
    Duration maxInterval = Duration.ofSeconds(30);
    boolean ipv6 = true;
    boolean tls;
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

    private Builder(String name, int port, boolean isSrv, Scheduler scheduler, Executor executor) {
      OptionalDependency.of(DnsSource.class, "dnsjava", "org.xbill.DNS.lookup.LookupSession")
          .require("DNS source");
      this.name = requireNonNull(name, "name");
      this.port = port;
      this.isSrv = isSrv;
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Sets whom to ask: the next one when one does not answer.
     *
     * @param value one or more; default the system's name servers
     * @return this
     */
    public Builder servers(List<InetSocketAddress> value) {
      this.servers = List.copyOf(value);
      return this;
    }

    /**
     * Sets how long an answer may take, all servers and repetitions included.
     *
     * @param value more than zero; default 5 s
     * @return this
     */
    public Builder timeout(Duration value) {
      this.timeout = requireNonNull(value, "timeout");
      return this;
    }

    /**
     * Bounds the time between two looks, whatever the TTL.
     *
     * @param least more than zero; default 1 s
     * @param most at least {@code least}; default 30 s
     * @return this
     */
    public Builder interval(Duration least, Duration most) {
      this.minInterval = requireNonNull(least, "least");
      this.maxInterval = requireNonNull(most, "most");
      return this;
    }

    /**
     * Sets whether AAAA records are read too. Then an answer to A alone is a failure.
     *
     * @param value default true
     * @return this
     */
    public Builder ipv6(boolean value) {
      this.ipv6 = value;
      return this;
    }

    /**
     * Sets whether the instances speak TLS, which DNS does not tell.
     *
     * @param value default false
     * @return this
     */
    public Builder tls(boolean value) {
      this.tls = value;
      return this;
    }

    /**
     * Sets where jitter comes from.
     *
     * @param value must be thread-safe; default the thread's own
     * @return this
     */
    public Builder random(RandomGenerator value) {
      this.random = requireNonNull(value, "random");
      return this;
    }

    /**
     * Builds it. Nothing is asked yet.
     *
     * @return a source
     * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
     */
    public DnsSource build() {
      new Faults()
          .check(name.contains(SERVICE), "name", name, "with {service} in it")
          .check(isSrv || (port >= 1 && port <= 65_535), "port", port, "1 to 65535")
          .positive("timeout", timeout)
          .positive("least", minInterval)
          .check(
              maxInterval.compareTo(minInterval) >= 0,
              "most",
              maxInterval,
              "at least the least, " + minInterval)
          .report();
      return new DnsSource(this);
    }

    String nameOf(String service) {
      return name.replace(SERVICE, service);
    }
  }
}
