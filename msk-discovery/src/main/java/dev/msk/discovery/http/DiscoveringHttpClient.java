package dev.msk.discovery.http;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Scheduler;
import dev.msk.core.Ticker;
import dev.msk.core.resilience.Backoff;
import dev.msk.core.resilience.CallHeaders;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.Faults;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Instance;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.internal.PeerClients;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's HTTP client for URIs whose host is the name of a service: {@code http://orders/orders/4711}.
 *
 * <p><b>Where.</b> Each attempt goes to an instance that the balancer picks. {@code http} means as the instance says, {@code
 * https} that only TLS will do. With TLS, each service has a client and a session cache of its own; at an IP address the
 * certificate must name the service, at a host name the host.
 *
 * <p><b>How long.</b> An attempt, its body included, takes at most {@code attemptTimeout}; the call at most that times {@code
 * maxAttempts}, the time that is left in the {@link CallContext} of the calling thread, or what the request's own timeout says,
 * whichever is least. No attempt is begun with less left than the fastest answer of late took.
 *
 * <p><b>Again.</b> A {@link CallPolicy} for each service decides. By default what fails with an I/O error, a timeout or status 502,
 * 503 or 504 is repeated at once, twice at most, if it does no harm: the idempotent methods of RFC 9110 (GET, HEAD, OPTIONS, TRACE,
 * PUT, DELETE), and whatever carries an {@code Idempotency-Key}; and if nobody upstream repeats the call ({@link
 * CallContext#retriedUpstream()}). It goes to an instance that has not failed in this call; when there is none, back to one that was
 * slow or whose connection broke, but never to one that refused the connection or answered that it is unavailable: with its {@code
 * Retry-After}, such an answer is the caller's once nobody else is left. A body publisher is asked for the body once more, so it
 * must be able to give it. Retries are paid from the service's {@link dev.msk.core.resilience.RetryBudget}. A connection that could
 * not be made is no retry: whatever the request, the attempt goes on at the next instance, until ten of them have refused it or
 * three have not answered, and takes nothing from the budget.
 *
 * <p><b>What travels.</b> With each attempt the headers of {@link CallHeaders}: the time that it has, the business flow, and that this
 * client repeats the call, so that those below do not.
 *
 * <p>Thread-safe. Runs on the caller's scheduler and executor; each of the JDK's clients adds one selector thread of its own,
 * which ends when it is no longer used.
 */
public final class DiscoveringHttpClient implements AutoCloseable {

  final LoadBalancer balancer;
  final Scheduler scheduler;
  final @Nullable CredentialSource credentials;
  final Telemetry telemetry;
  final OperationType operation;
  final Ticker ticker;
  final Predicate<HttpRequest> repeatable;
  final CallHeaders headers = CallHeaders.create();
  private final PeerClients clients;
  private final Function<String, CallPolicy> policyOf;
  private final boolean policiesAreOurs;
  private final ConcurrentMap<String, CallPolicy> policies = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private DiscoveringHttpClient(Builder builder) {
    this.balancer = builder.balancer;
    this.scheduler = builder.scheduler;
    this.credentials = builder.credentials;
    this.telemetry = builder.telemetry;
    this.operation =
        telemetry.operation(OperationSpec.builder("http.client.request", OperationKind.CLIENT)
            .description("Duration of HTTP requests sent")
            .tags("http.request.method", "server.address", "server.port")
            .build());
    this.ticker = builder.ticker;
    this.repeatable = builder.repeatable;
    this.policyOf = builder.policies == null ? builder.ownPolicies() : builder.policies;
    this.policiesAreOurs = builder.policies == null;
    this.clients =
        new PeerClients(builder.tls, builder.version, builder.connectTimeout, builder.executor);
  }

  /**
   * A client with three attempts of at most 5 s each and 1 s to connect, retries of at most a fifth of the calls and ten a second,
   * over HTTP/2 where the server speaks it.
   *
   * @param balancer picks the instances
   * @param scheduler times the attempts
   * @param executor runs what comes back
   * @return a builder with these defaults
   */
  public static Builder builder(LoadBalancer balancer, Scheduler scheduler, Executor executor) {
    return new Builder(balancer, scheduler, executor);
  }

  /**
   * Calls a service and waits.
   *
   * @param request its URI names the service as host
   * @param handler reads the body; called once for each attempt whose answer is not repeated
   * @param <T> what the body becomes
   * @return the answer, whatever its status
   * @throws dev.msk.discovery.NoInstanceException if there is nowhere to call
   * @throws dev.msk.core.resilience.CallRefusedException if the service's policy did not let the call out: a breaker, a bulkhead, a
   *     limit
   * @throws java.net.http.HttpTimeoutException if the time was up, or too little of it left to begin
   * @throws IOException if the last attempt failed; earlier failures are suppressed in it
   * @throws InterruptedException if this thread was interrupted; the call is given up
   * @throws IllegalArgumentException if the URI's host is no name of a service
   */
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<T>> answer = call(request, handler);
    try {
      return answer.get();
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw asThrown(e.getCause() == null ? e : e.getCause());
    }
  }

  private static IOException asThrown(Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof IOException io ? io : new IOException(cause);
  }

  /**
   * Calls a service. Takes the calling thread's {@link CallContext} along.
   *
   * @param request its URI names the service as host
   * @param handler reads the body; called once for each attempt whose answer is not repeated
   * @param <T> what the body becomes
   * @return completes with the answer, or exceptionally with what {@link #send} throws; cancelling it as a
   *     {@code CompletableFuture} gives the call up
   */
  public <T> CompletionStage<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return call(request, handler);
  }

  private <T> CompletableFuture<HttpResponse<T>> call(HttpRequest request, BodyHandler<T> handler) {
    if (closed) {
      throw new IllegalStateException("this client is closed");
    }
    String host = request.uri().getHost();
    String service = Instance.checkedService(host == null ? "" : host);
    CallPolicy policy = policies.get(service);
    if (policy == null) {
      // Asked first: it refuses what is one service too many.
      balancer.ready(service);
      policy = policies.computeIfAbsent(
          service, name -> requireNonNull(policyOf.apply(name), "policy of " + name));
    }
    return new HttpCall<>(this, service, policy, request, handler).start();
  }

  HttpClient client(String service) {
    return clients.client(service);
  }

  /**
   * Takes no new calls; those under way end by their own timeouts. Policies that were handed in stay open. Idempotent, waits for
   * nothing.
   */
  @Override
  public void close() {
    closed = true;
    clients.clear();
    if (policiesAreOurs) {
      policies.values().forEach(CallPolicy::close);
    }
  }

  /** Builds a {@link DiscoveringHttpClient}. Confined to one thread. */
  public static final class Builder {

    private static final Duration A_DAY = Duration.ofDays(1);
    private static final Set<String> IDEMPOTENT =
        Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    private final LoadBalancer balancer;
    private final Scheduler scheduler;
    private final Executor executor;
    private @Nullable TlsSource tls;
    private @Nullable CredentialSource credentials;
    private Telemetry telemetry = Telemetry.noop();
    private Ticker ticker = Ticker.system();
    private HttpClient.Version version = HttpClient.Version.HTTP_2;
    private Duration connectTimeout = Duration.ofSeconds(1);
    private Duration attemptTimeout = Duration.ofSeconds(5);
    private int maxAttempts = 3;
    private boolean isBounded;
    private @Nullable Function<String, CallPolicy> policies;
    private Predicate<HttpRequest> repeatable = request -> IDEMPOTENT.contains(request.method())
        || request.headers().firstValue("Idempotency-Key").isPresent();

    private Builder(LoadBalancer balancer, Scheduler scheduler, Executor executor) {
      this.balancer = requireNonNull(balancer, "balancer");
      this.scheduler = requireNonNull(scheduler, "scheduler");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Sets identity and trust for instances that speak TLS.
     *
     * @param value asked with the service's name; default the JVM's trust and no identity
     * @return this
     */
    public Builder tls(TlsSource value) {
      this.tls = requireNonNull(value, "tls");
      return this;
    }

    /**
     * Sets what is presented in the header {@code Authorization}, in place of the request's.
     *
     * @param value asked with the service's name; default nothing
     * @return this
     */
    public Builder credentials(CredentialSource value) {
      this.credentials = requireNonNull(value, "credentials");
      return this;
    }

    /**
     * Reports requests as {@code http.client.request}, by OpenTelemetry's conventions with the service's name as {@code
     * server.address}, and sends the trace along. The client's own policies report here too.
     *
     * @param value default none
     * @return this
     */
    public Builder telemetry(Telemetry value) {
      this.telemetry = requireNonNull(value, "telemetry");
      return this;
    }

    /**
     * Sets what measures attempts.
     *
     * @param value default the system's
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Sets the version of HTTP that is offered first.
     *
     * @param value default HTTP/2; over plain HTTP it is offered as an upgrade
     * @return this
     */
    public Builder version(HttpClient.Version value) {
      this.version = requireNonNull(value, "version");
      return this;
    }

    /**
     * Sets how long a connection may take.
     *
     * @param value more than zero; default 1 s
     * @return this
     */
    public Builder connectTimeout(Duration value) {
      this.connectTimeout = requireNonNull(value, "connectTimeout");
      return this;
    }

    /**
     * Sets how long an attempt may take, its body included.
     *
     * @param value more than zero, at most a day; default 5 s
     * @return this
     */
    public Builder attemptTimeout(Duration value) {
      this.isBounded = true;
      this.attemptTimeout = requireNonNull(value, "attemptTimeout");
      return this;
    }

    /**
     * Sets how often a call is tried. Instances to which no connection can be made do not count.
     *
     * @param value 1 (never again) to 10; default 3
     * @return this
     */
    public Builder maxAttempts(int value) {
      this.isBounded = true;
      this.maxAttempts = value;
      return this;
    }

    /**
     * Sets who decides about the calls to each service, in place of {@link #attemptTimeout} and {@link #maxAttempts}: for breakers,
     * limits and budgets of one's own. Breakers of instances are asked by {@link Instance#id()}. If the policy waits before a retry, so
     * does the client, wherever the retry goes; {@link Backoff#none()} is the client's own.
     *
     * <p>The policy's {@link dev.msk.core.resilience.Outcomes} are not asked: the client knows its answers.
     *
     * @param value asked once for each service, by its name; the policies stay the caller's to close
     * @return this
     */
    public Builder policies(Function<String, CallPolicy> value) {
      this.policies = requireNonNull(value, "policies");
      return this;
    }

    /**
     * Sets which requests may take effect twice without harm.
     *
     * @param value default the idempotent methods of RFC 9110, and what carries a header {@code Idempotency-Key}, by which the
     *     service tells a repetition from a new request
     * @return this
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2">RFC 9110, section 9.2.2</a>
     * @see <a href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/">The Idempotency-Key HTTP Header
     *     Field</a>
     */
    public Builder repeatable(Predicate<HttpRequest> value) {
      this.repeatable = requireNonNull(value, "repeatable");
      return this;
    }

    /**
     * Builds it.
     *
     * @return a client
     * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
     */
    public DiscoveringHttpClient build() {
      new Faults()
          .positive("connectTimeout", connectTimeout)
          .positive("attemptTimeout", attemptTimeout)
          .check(
              attemptTimeout.compareTo(A_DAY) <= 0,
              "attemptTimeout",
              attemptTimeout,
              "at most a day")
          .check(maxAttempts >= 1 && maxAttempts <= 10, "maxAttempts", maxAttempts, "1 to 10")
          .check(
              policies == null || !isBounded,
              "policies",
              "beside attemptTimeout or maxAttempts",
              "one or the other")
          .report();
      return new DiscoveringHttpClient(this);
    }

    private Function<String, CallPolicy> ownPolicies() {
      Duration attempt = attemptTimeout;
      Duration all = attempt.multipliedBy(maxAttempts);
      int retries = maxAttempts - 1;
      Ticker measure = ticker;
      Telemetry reports = telemetry;
      return service -> CallPolicy.builder(service)
          .timeout(all.compareTo(A_DAY) < 0 ? all : A_DAY)
          .attemptTimeout(attempt)
          .retries(retries)
          .backoff(Backoff.none())
          .ticker(measure)
          .telemetry(reports)
          .build();
    }
  }
}
