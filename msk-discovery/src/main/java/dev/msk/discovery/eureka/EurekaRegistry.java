package dev.msk.discovery.eureka;

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
import dev.msk.discovery.internal.SerialExecutor;
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
 * Netflix Eureka over plain HTTP: registers instances and reports those of others.
 *
 * <p><b>Reporting.</b> All instances at first, then each 30 s what changed, summed up by Eureka's hash; everything again when
 * the hash differs, after a failure, after two minutes without an answer, and after twenty deltas; then completed by the changes,
 * since the server's cache of all may be the older one. An answer that cannot be
 * understood is a failure: nothing of it is used. Nothing is asked before the first service is watched.
 *
 * <p><b>Registering.</b> A heartbeat each 10 s for a lease of 30 s; a heartbeat that is answered 404 registers again. Zone,
 * version and weight are metadata of these names. {@link Registration#drain} sets {@code OUT_OF_SERVICE}.
 *
 * <p><b>Failing.</b> Each call tries the servers in turn, from the one that answered last, for at most 5 s each; after failures it
 * is repeated from a second on, growing to the interval, with jitter.
 *
 * <p>Thread-safe. Runs on the caller's scheduler and executor; the JDK's HTTP client adds one selector thread of its own.
 */
public final class EurekaRegistry implements Registrar, DiscoverySource, AutoCloseable {

  private static final String PEER = "eureka";

  private final Builder settings;
  private final PeerClients clients;
  private final RegistryHttp http;
  private final EurekaPoller poller;
  private final Set<KeptRegistration> registrations = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private EurekaRegistry(Builder settings) {
    this.settings = settings;
    this.clients = new PeerClients(
        settings.tls, HttpClient.Version.HTTP_1_1, settings.requestTimeout, settings.executor);
    this.http = new RegistryHttp(new RegistryHttp.Settings(
        settings.servers,
        PEER,
        clients,
        settings.credentials,
        "Authorization",
        credential -> credential.scheme() + " " + credential.value(),
        settings.scheduler,
        settings.maxBodyBytes,
        settings.telemetry));
    this.poller = new EurekaPoller(settings, http, new SerialExecutor(settings.executor));
  }

  /**
   * A registry that looks each 30 s, beats each 10 s for a lease of 30 s, waits 5 s for an answer of at most 16 MiB, and uses
   * neither credentials nor a TLS identity.
   *
   * @param servers what Eureka's clients call service URLs, for example {@code http://eureka-1:8761/eureka}; the servers of one
   *     cluster
   * @param scheduler times heartbeats, looks and timeouts
   * @param executor runs what comes back
   * @return a builder with these defaults
   * @throws dev.msk.core.MissingDependencyException when jackson-databind is not there
   */
  public static Builder builder(List<URI> servers, Scheduler scheduler, Executor executor) {
    OptionalDependency.of(
            EurekaRegistry.class, "jackson", "com.fasterxml.jackson.databind.json.JsonMapper")
        .require("Eureka registry");
    return new Builder(servers, scheduler, executor);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the id has a slash, which Eureka's web server refuses in a path
   */
  @Override
  public Registration register(Instance instance) {
    if (instance.id().indexOf('/') >= 0 || instance.id().indexOf('\\') >= 0) {
      throw new IllegalArgumentException(
          "id: " + instance.id() + " (expected: no slash, which Eureka's web server refuses)");
    }
    if (closed) {
      throw new IllegalStateException(instance.id() + ": this registry is closed");
    }
    KeptRegistration registration = new KeptRegistration(
        instance,
        new EurekaEntry(instance, settings, http),
        new KeptRegistration.Settings(
            "Eureka",
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
    return poller.watch(service, sink);
  }

  /**
   * Ends the reports, and takes out of the registry what is still registered; waits at most one request timeout for each.
   * Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    poller.close();
    registrations.forEach(Registration::close);
    clients.clear();
  }

  /** Builds an {@link EurekaRegistry}. Confined to one thread. */
  public static final class Builder {

    final List<URI> servers;
    final Scheduler scheduler;
    final Executor executor;
    Duration refreshInterval = Duration.ofSeconds(30);
    Duration heartbeat = Duration.ofSeconds(10);
    Duration lease = Duration.ofSeconds(30);
    Duration requestTimeout = Duration.ofSeconds(5);
    int maxBodyBytes = 16 << 20;

    @Nullable
    TlsSource tls;

    @Nullable
    CredentialSource credentials;

    Telemetry telemetry = Telemetry.noop();
    Ticker ticker = Ticker.system();
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

    private Builder(List<URI> servers, Scheduler scheduler, Executor executor) {
      this.servers = servers.stream().map(Builder::withoutSlash).toList();
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.executor = requireNonNull(executor, "executor");
    }

    private static URI withoutSlash(URI uri) {
      String text = uri.toString();
      return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : uri;
    }

    /**
     * Sets the time between two looks, give or take a fifth.
     *
     * @param value more than zero; default 30 s
     * @return this
     */
    public Builder refreshInterval(Duration value) {
      this.refreshInterval = requireNonNull(value, "refreshInterval");
      return this;
    }

    /**
     * Sets the time between two heartbeats, and the lease that they renew. Eureka's servers keep an instance for twice its
     * lease.
     *
     * @param beat more than zero; default 10 s
     * @param ttl at least the beat, told to the server in whole seconds; default 30 s
     * @return this
     */
    public Builder heartbeat(Duration beat, Duration ttl) {
      this.heartbeat = requireNonNull(beat, "beat");
      this.lease = requireNonNull(ttl, "ttl");
      return this;
    }

    /**
     * Sets how long a server may take to connect and answer.
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
     * Sets the identity and trust for {@code https} servers.
     *
     * @param value asked for peer {@code eureka}; default the JVM's trust and no identity
     * @return this
     */
    public Builder tls(TlsSource value) {
      this.tls = requireNonNull(value, "tls");
      return this;
    }

    /**
     * Sets what is presented in the header {@code Authorization}.
     *
     * @param value asked for peer {@code eureka}; default nothing
     * @return this
     */
    public Builder credentials(CredentialSource value) {
      this.credentials = requireNonNull(value, "credentials");
      return this;
    }

    /**
     * Reports calls as {@code discovery.registry.call} by {@code call}: full, delta, register, heartbeat, status, deregister.
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
    public EurekaRegistry build() {
      Faults faults = new Faults()
          .check(!servers.isEmpty(), "servers", "none", "one or more")
          .positive("refreshInterval", refreshInterval)
          .positive("beat", heartbeat)
          .positive("requestTimeout", requestTimeout)
          .check(lease.compareTo(heartbeat) >= 0, "ttl", lease, "at least the beat, " + heartbeat)
          .check(maxBodyBytes >= 1024, "maxBodyBytes", maxBodyBytes, ">= 1024");
      for (URI server : servers) {
        boolean isHttp = List.of("http", "https").contains(String.valueOf(server.getScheme()));
        faults.check(
            isHttp && server.getHost() != null, "servers", server, "http or https with a host");
      }
      faults.report();
      return new EurekaRegistry(this);
    }
  }
}
