package dev.msk.discovery.kubernetes;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.Ticker;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.Faults;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.PeerClients;
import dev.msk.discovery.internal.RegistryHttp;
import dev.msk.discovery.spi.DiscoverySource;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Instances from Kubernetes' API: the EndpointSlices ({@code discovery.k8s.io/v1}) of each watched service, in one namespace.
 *
 * <p><b>Reporting.</b> All slices at first, in pages of 500, then a watch from there on that is opened anew each minute, give or take a sixth. When Kubernetes
 * says that it no longer has the version to go on from (410), all slices are fetched again. Anything else that is not understood, a
 * connection that breaks included, is a failure; after it all slices are fetched again, from a second on, growing to half a minute, with jitter.
 *
 * <p><b>What an endpoint becomes.</b> An instance whose id is the name of its pod. It is {@code UP} while it serves and does not terminate, {@code DRAINING}
 * while it serves and terminates, else {@code DOWN}. Its zone is the endpoint's; weight and version are not in a slice. The port is the one of {@link
 * Builder#portName}, or the only one. It speaks TLS if the port's application protocol, or its name, is {@code https}. Of a service with IPv4 and IPv6, IPv4
 * is reported.
 *
 * <p>The service account must be allowed to {@code list} and {@code watch} {@code endpointslices} in the namespace:
 *
 * <pre>{@code
 * apiVersion: rbac.authorization.k8s.io/v1
 * kind: Role
 * rules: [{ apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch] }]
 * }</pre>
 *
 * <p>Thread-safe. Runs on the caller's scheduler and executor; the JDK's HTTP client adds one selector thread of its own. Watches share a
 * connection by HTTP/2.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes">Kubernetes, efficient
 *     detection of changes</a>
 */
public final class KubernetesSource implements DiscoverySource, AutoCloseable {

  private static final String PEER = "kubernetes";
  private static final URI IN_CLUSTER = URI.create("https://kubernetes.default.svc");
  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private final Builder settings;
  private final PeerClients clients;
  private final RegistryHttp http;
  private final Set<SliceWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private KubernetesSource(Builder settings) {
    this.settings = settings;
    boolean multiplexed = "https".equals(settings.api.getScheme());
    this.clients = new PeerClients(
        settings.tls,
        multiplexed ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1,
        settings.requestTimeout,
        settings.executor);
    this.http = new RegistryHttp(new RegistryHttp.Settings(
        List.of(settings.api),
        PEER,
        clients,
        settings.credentials,
        "Authorization",
        credential -> credential.scheme() + " " + credential.value(),
        settings.scheduler,
        settings.maxBodyBytes,
        settings.telemetry));
  }

  /**
   * A source for a pod: the API, the namespace, the token (read again for each call, since it is exchanged while the pod runs) and the
   * authority are those of its service account; answers take 5 s at most and are 16 MiB at most.
   *
   * @param scheduler times pauses and timeouts
   * @param executor runs what comes back
   * @return a builder with these defaults
   * @throws IllegalStateException if there is no service account; the message names the file that is missing
   * @throws dev.msk.core.MissingDependencyException when jackson-databind is not there
   */
  public static Builder inCluster(Scheduler scheduler, Executor executor) {
    return inCluster(IN_CLUSTER, SERVICE_ACCOUNT, scheduler, executor);
  }

  static Builder inCluster(URI api, Path folder, Scheduler scheduler, Executor executor) {
    ServiceAccount account = new ServiceAccount(folder);
    return builder(api, account.namespace(), scheduler, executor)
        .tls(account.tls())
        .credentials(account.credentials());
  }

  /**
   * A source with neither token nor TLS identity, whose answers take 5 s at most and are 16 MiB at most.
   *
   * @param api for example {@code https://kubernetes.default.svc}
   * @param namespace of the services
   * @param scheduler times pauses and timeouts
   * @param executor runs what comes back
   * @return a builder with these defaults
   * @throws dev.msk.core.MissingDependencyException when jackson-databind is not there
   */
  public static Builder builder(URI api, String namespace, Scheduler scheduler, Executor executor) {
    OptionalDependency.of(
            KubernetesSource.class, "jackson", "com.fasterxml.jackson.databind.json.JsonMapper")
        .require("Kubernetes source");
    return new Builder(api, namespace, scheduler, executor);
  }

  @Override
  public Subscription watch(String service, Sink sink) {
    SliceWatch watch = new SliceWatch(service, sink, settings, http, watches::remove);
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
    watches.forEach(SliceWatch::close);
    clients.clear();
  }

  /** Builds a {@link KubernetesSource}. Confined to one thread. */
  public static final class Builder {

    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    final URI api;
    final String namespace;
    final Scheduler scheduler;
    final Executor executor;
    String portName = "";
    Duration watchTimeout = Duration.ofMinutes(1);
    Duration requestTimeout = Duration.ofSeconds(5);
    int maxBodyBytes = 16 << 20;

    @Nullable
    TlsSource tls;

    @Nullable
    CredentialSource credentials;

    Telemetry telemetry = Telemetry.noop();
    Ticker ticker = Ticker.system();
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

    private Builder(URI api, String namespace, Scheduler scheduler, Executor executor) {
      String text = api.toString();
      this.api = text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : api;
      this.namespace = requireNonNull(namespace, "namespace");
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Sets which port is called.
     *
     * @param value its name in the service; by default a service must have one port only
     * @return this
     */
    public Builder portName(String value) {
      this.portName = requireNonNull(value, "portName");
      return this;
    }

    /**
     * Sets how long a watch lasts before it is opened anew, which is how a connection that died is noticed.
     *
     * @param value 10 s to 10 min; default 1 min, give or take a sixth
     * @return this
     */
    public Builder watchTimeout(Duration value) {
      this.watchTimeout = requireNonNull(value, "watchTimeout");
      return this;
    }

    /**
     * Sets how long the API may take to connect and to answer.
     *
     * @param value more than zero; default 5 s
     * @return this
     */
    public Builder requestTimeout(Duration value) {
      this.requestTimeout = requireNonNull(value, "requestTimeout");
      return this;
    }

    /**
     * Bounds an answer, and each event of a watch.
     *
     * @param value at least 1 KiB; default 16 MiB
     * @return this
     */
    public Builder maxBodyBytes(int value) {
      this.maxBodyBytes = value;
      return this;
    }

    /**
     * Sets the identity and trust for the API.
     *
     * @param value asked for peer {@code kubernetes}
     * @return this
     */
    public Builder tls(TlsSource value) {
      this.tls = requireNonNull(value, "tls");
      return this;
    }

    /**
     * Sets what is presented in the header {@code Authorization}.
     *
     * @param value asked for peer {@code kubernetes} before each call
     * @return this
     */
    public Builder credentials(CredentialSource value) {
      this.credentials = requireNonNull(value, "credentials");
      return this;
    }

    /**
     * Reports calls as {@code discovery.registry.call} by {@code call}: list, watch.
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
     * @return a source
     * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
     */
    public KubernetesSource build() {
      boolean isHttp = List.of("http", "https").contains(String.valueOf(api.getScheme()));
      new Faults()
          .check(isHttp && api.getHost() != null, "api", api, "http or https with a host")
          .check(
              NAMESPACE.matcher(namespace).matches(),
              "namespace",
              namespace,
              "1 to 63 of a-z 0-9 -")
          .check(
              watchTimeout.compareTo(Duration.ofSeconds(10)) >= 0
                  && watchTimeout.compareTo(Duration.ofMinutes(10)) <= 0,
              "watchTimeout",
              watchTimeout,
              "PT10S to PT10M")
          .positive("requestTimeout", requestTimeout)
          .check(maxBodyBytes >= 1024, "maxBodyBytes", maxBodyBytes, ">= 1024")
          .report();
      return new KubernetesSource(this);
    }
  }
}
