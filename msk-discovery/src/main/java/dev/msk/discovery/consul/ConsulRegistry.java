package dev.msk.discovery.consul;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.Ticker;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.Faults;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.Registration;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.KeptRegistration;
import dev.msk.discovery.internal.PeerClients;
import dev.msk.discovery.internal.RegistryHttp;
import dev.msk.discovery.spi.DiscoverySource;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * HashiCorp Consul over plain HTTP: registers instances with its agent and reports those of others.
 *
 * <p><b>Reporting.</b> A blocking query on the health of each watched service, which Consul answers when something changed, or
 * after 55 s to a minute. Consul's rules for clients are kept: an index that goes backwards starts again from zero, an index is never
 * below one, an answer is no proof of a change, and a service is not asked more than five times a second. A wake-up that Consul
 * missed is made good by the answer at the end of the wait. An answer that cannot be understood is a failure: nothing of it is
 * used. After failures it is asked again from a second on, growing to half a minute, with jitter.
 *
 * <p><b>Registering.</b> Of the agent of this machine, as Consul wants it, with a check of type TTL: a beat each 10 s for 30 s. A beat
 * that the agent refuses registers again. {@link Registration#drain} turns maintenance on. An instance looks like this to Consul:
 *
 * <pre>{@code
 * { "ID": "10.0.0.7:orders:8080", "Name": "orders", "Address": "10.0.0.7", "Port": 8080,
 *   "Weights": { "Passing": 1, "Warning": 1 },              weight / 100, for those who ask Consul's DNS
 *   "Meta": { "instance-id": "10.0.0.7:orders:8080", "secure": "false", "weight": "100",
 *             "zone": "eu-1", "version": "1.4.2" },
 *   "Check": { "TTL": "30000ms", "Status": "passing", "Notes": "UP",
 *              "DeregisterCriticalServiceAfter": "600s" } }
 * }</pre>
 *
 * <p>What others registered is read by the same names, where it has them; {@code zone} and {@code secure} are Spring Cloud's too. A
 * weight is Consul's times 100 then, an id {@code node/ID}. A service or node in maintenance is {@code DRAINING}, one with a critical
 * check {@code DOWN} (or {@code STARTING}, if we registered it so), any other {@code UP}.
 *
 * <p>Thread-safe. Runs on the caller's scheduler and executor; the JDK's HTTP client adds one selector thread of its own. Without TLS each
 * watched service holds a connection; an agent takes 200 of one address unless its {@code http_max_conns_per_client} says more.
 *
 * @see <a href="https://developer.hashicorp.com/consul/api-docs/features/blocking">Consul, blocking queries</a>
 */
public final class ConsulRegistry implements Registrar, DiscoverySource, AutoCloseable {

  private static final String PEER = "consul";

  private final Builder settings;
  private final PeerClients clients;
  private final RegistryHttp http;
  private final Set<KeptRegistration> registrations = ConcurrentHashMap.newKeySet();
  private final Set<ConsulWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private ConsulRegistry(Builder settings) {
    this.settings = settings;
    boolean multiplexed = "https".equals(settings.agent.getScheme());
    this.clients = new PeerClients(
        settings.tls,
        multiplexed ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1,
        settings.requestTimeout,
        settings.executor);
    this.http = new RegistryHttp(new RegistryHttp.Settings(
        List.of(settings.agent),
        PEER,
        clients,
        settings.credentials,
        "X-Consul-Token",
        CredentialSource.Credential::value,
        settings.scheduler,
        settings.maxBodyBytes,
        settings.telemetry));
  }

  /**
   * A registry whose queries wait 55 s, that beats each 10 s for a TTL of 30 s, lets Consul take out what has been critical for ten
   * minutes, waits 5 s for other answers, of at most 16 MiB each, and uses neither an ACL token nor a TLS identity.
   *
   * @param agent its HTTP API, for example {@code http://127.0.0.1:8500}
   * @param scheduler times beats, pauses and timeouts
   * @param executor runs what comes back
   * @return a builder with these defaults
   * @throws dev.msk.core.MissingDependencyException when jackson-databind is not there
   */
  public static Builder builder(URI agent, Scheduler scheduler, Executor executor) {
    OptionalDependency.of(
            ConsulRegistry.class, "jackson", "com.fasterxml.jackson.databind.json.JsonMapper")
        .require("Consul registry");
    return new Builder(agent, scheduler, executor);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if Consul would refuse its metadata: more than 59 entries, keys that are not 1 to 128 of {@code A-Z
   *     a-z 0-9 _ -}, values over 512 characters; the message names it
   */
  @Override
  public Registration register(Instance instance) {
    ConsulJson.checkMetadata(instance);
    if (closed) {
      throw new IllegalStateException(instance.id() + ": this registry is closed");
    }
    KeptRegistration registration = new KeptRegistration(
        instance,
        new ConsulEntry(instance, settings, http),
        new KeptRegistration.Settings(
            "Consul",
            settings.heartbeat,
            settings.requestTimeout,
            settings.scheduler,
            settings.random),
        registrations::remove);
    registrations.add(registration);
    registration.start();
    return registration;
  }

  @Override
  public Subscription watch(String service, Sink sink) {
    ConsulWatch watch = new ConsulWatch(service, sink, settings, http, watches::remove);
    watches.add(watch);
    if (closed) {
      watch.close();
    } else {
      watch.start();
    }
    return watch;
  }

  /**
   * Ends the reports, and takes out of the registry what is still registered; waits at most one request timeout for each.
   * Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    watches.forEach(ConsulWatch::close);
    registrations.forEach(Registration::close);
    clients.clear();
  }

  /** Builds a {@link ConsulRegistry}. Confined to one thread. */
  public static final class Builder {

    final URI agent;
    final Scheduler scheduler;
    final Executor executor;
    Duration wait = Duration.ofSeconds(55);
    Duration heartbeat = Duration.ofSeconds(10);
    Duration ttl = Duration.ofSeconds(30);
    Duration deregisterAfter = Duration.ofMinutes(10);
    Duration requestTimeout = Duration.ofSeconds(5);
    int maxBodyBytes = 16 << 20;
    String datacenter = "";

    @Nullable
    TlsSource tls;

    @Nullable
    CredentialSource credentials;

    Telemetry telemetry = Telemetry.noop();
    Ticker ticker = Ticker.system();
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

    private Builder(URI agent, Scheduler scheduler, Executor executor) {
      String text = agent.toString();
      this.agent = text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : agent;
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Sets how long a query may wait for a change. Consul adds up to a sixteenth.
     *
     * @param value 1 s to 10 min; default 55 s
     * @return this
     */
    public Builder wait(Duration value) {
      this.wait = requireNonNull(value, "wait");
      return this;
    }

    /**
     * Sets the time between two beats, and how long an instance counts as healthy after one.
     *
     * @param beat more than zero; default 10 s
     * @param timeToLive at least the beat; default 30 s
     * @return this
     */
    public Builder heartbeat(Duration beat, Duration timeToLive) {
      this.heartbeat = requireNonNull(beat, "beat");
      this.ttl = requireNonNull(timeToLive, "ttl");
      return this;
    }

    /**
     * Sets after which time without a beat Consul takes an instance out.
     *
     * @param value at least a minute, below which Consul does not go; default 10 min
     * @return this
     */
    public Builder deregisterAfter(Duration value) {
      this.deregisterAfter = requireNonNull(value, "deregisterAfter");
      return this;
    }

    /**
     * Sets how long the agent may take to connect and to answer; a query has its wait on top.
     *
     * @param value more than zero; default 5 s
     * @return this
     */
    public Builder requestTimeout(Duration value) {
      this.requestTimeout = requireNonNull(value, "requestTimeout");
      return this;
    }

    /**
     * Bounds an answer.
     *
     * @param value at least 1 KiB; default 16 MiB
     * @return this
     */
    public Builder maxBodyBytes(int value) {
      this.maxBodyBytes = value;
      return this;
    }

    /**
     * Sets whose instances are reported.
     *
     * @param value name of a datacenter; default the agent's own
     * @return this
     */
    public Builder datacenter(String value) {
      this.datacenter = requireNonNull(value, "datacenter");
      return this;
    }

    /**
     * Sets the identity and trust for an {@code https} agent.
     *
     * @param value asked for peer {@code consul}; default the JVM's trust and no identity
     * @return this
     */
    public Builder tls(TlsSource value) {
      this.tls = requireNonNull(value, "tls");
      return this;
    }

    /**
     * Sets the ACL token, which goes with every call in the header {@code X-Consul-Token}. It needs {@code service:read} and {@code
     * node:read}, and {@code service:write} of what is registered.
     *
     * @param value asked for peer {@code consul}, its value is the token; default none
     * @return this
     */
    public Builder credentials(CredentialSource value) {
      this.credentials = requireNonNull(value, "credentials");
      return this;
    }

    /**
     * Reports calls as {@code discovery.registry.call} by {@code call}: health, register, heartbeat, maintenance, deregister.
     *
     * @param value default none
     * @return this
     */
    public Builder telemetry(Telemetry value) {
      this.telemetry = requireNonNull(value, "telemetry");
      return this;
    }

    /**
     * Sets what measures time.
     *
     * @param value default the system's
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
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
     * @return a registry
     * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
     */
    public ConsulRegistry build() {
      boolean isHttp = List.of("http", "https").contains(String.valueOf(agent.getScheme()));
      new Faults()
          .check(
              wait.compareTo(Duration.ofSeconds(1)) >= 0
                  && wait.compareTo(Duration.ofMinutes(10)) <= 0,
              "wait",
              wait,
              "PT1S to PT10M")
          .positive("beat", heartbeat)
          .check(ttl.compareTo(heartbeat) >= 0, "ttl", ttl, "at least the beat, " + heartbeat)
          .check(
              deregisterAfter.compareTo(Duration.ofMinutes(1)) >= 0,
              "deregisterAfter",
              deregisterAfter,
              "at least PT1M")
          .positive("requestTimeout", requestTimeout)
          .check(maxBodyBytes >= 1024, "maxBodyBytes", maxBodyBytes, ">= 1024")
          .check(isHttp && agent.getHost() != null, "agent", agent, "http or https with a host")
          .report();
      return new ConsulRegistry(this);
    }
  }
}
