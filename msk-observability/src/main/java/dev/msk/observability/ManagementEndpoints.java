package dev.msk.observability;

import static java.util.Objects.requireNonNull;

import dev.msk.observability.health.HealthEndpoint;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators and orchestrators ask a process over HTTP, as one handler: {@code /metrics} of a {@link PrometheusEndpoint}, {@code
 * /health}, {@code /health/live}, {@code /health/ready}, {@code /health/started}, {@code /livez} and {@code /readyz} of a {@link
 * HealthEndpoint}.
 *
 * <p>{@code http.HttpServerEndpoints} makes it a handler of the JDK's server, {@code servlet.ServletEndpoints} a servlet, {@code
 * vertx.VertxEndpoints} a handler of Vert.x; for any other server {@link #answer} has all that is to be sent. Give it a port of its own, or
 * let whatever stands before the service keep strangers away from these paths: it asks nobody who they are.
 *
 * <p>Thread-safe. {@link #answersAtOnce} tells an event loop which paths may be answered on it.
 */
public final class ManagementEndpoints {

  private static final Logger log = LoggerFactory.getLogger(ManagementEndpoints.class);
  private static final String METRICS = "/metrics";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final byte[] NOTHING = {};

  private final @Nullable PrometheusEndpoint metrics;
  private final @Nullable HealthEndpoint health;
  private final List<String> paths;

  private ManagementEndpoints(Builder builder) {
    this.metrics = builder.metrics;
    this.health = builder.health;
    List<String> all = new ArrayList<>();
    if (metrics != null) {
      all.add(METRICS);
    }
    if (health != null) {
      all.addAll(health.paths());
    }
    this.paths = List.copyOf(all);
  }

  /**
   * Starts with no endpoint.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The paths that are answered, for servers that want to be told each.
   *
   * @return unmodifiable
   */
  public List<String> paths() {
    return paths;
  }

  /**
   * Whether the answer waits for nothing and costs next to nothing: that of a probe, and of a path that is unknown. A scrape asks every
   * gauge and writes every meter.
   *
   * @param path of a request, without its query
   * @return true if an event loop may call {@link #answer}
   */
  public boolean answersAtOnce(String path) {
    return metrics == null || !METRICS.equals(path);
  }

  /**
   * Answers a request: 200 or 503 as the endpoint says; 404 for another path, 405 with {@code Allow} for a method other than {@code GET}
   * and {@code HEAD}, and 500, without the reason, which is logged, when meters could not be written. To {@code HEAD} the same is said
   * as to {@code GET}, its length in {@code Content-Length} in place of its body.
   *
   * @param method of the request, for example {@code GET}
   * @param path of the request, without its query
   * @param accept the request's {@code Accept} header, or null
   * @return what to send; an empty body means that none is sent
   */
  public EndpointResponse answer(String method, String path, @Nullable String accept) {
    EndpointResponse response = response(method, path, accept);
    return method.equals("HEAD")
        ? new EndpointResponse(
            response.status(),
            response.contentType(),
            NOTHING,
            Map.of("Content-Length", String.valueOf(response.body().length)))
        : response;
  }

  private EndpointResponse response(String method, String path, @Nullable String accept) {
    if (!paths.contains(path)) {
      return text(404, "path: unknown (expected: one of " + paths + ")", Map.of());
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return text(405, "method: not allowed (expected: GET or HEAD)", Map.of("Allow", "GET, HEAD"));
    }
    try {
      return get(path, accept);
    } catch (RuntimeException e) {
      log.warn("Management: {} cannot be answered", path, e);
      return text(500, path + ": failed, see the log", Map.of());
    }
  }

  private EndpointResponse get(String path, @Nullable String accept) {
    if (metrics != null && METRICS.equals(path)) {
      return metrics.scrape(accept);
    }
    return requireNonNull(health, "health").get(path).orElseThrow();
  }

  private static EndpointResponse text(int status, String line, Map<String, String> headers) {
    return new EndpointResponse(
        status, TEXT, (line + "\n").getBytes(StandardCharsets.UTF_8), headers);
  }

  /** Collects the endpoints. Confined to one thread. */
  public static final class Builder {

    private @Nullable PrometheusEndpoint metrics;
    private @Nullable HealthEndpoint health;

    private Builder() {}

    /**
     * Answers {@code /metrics}.
     *
     * @param endpoint what Prometheus scrapes
     * @return this
     */
    public Builder metrics(PrometheusEndpoint endpoint) {
      this.metrics = requireNonNull(endpoint, "endpoint");
      return this;
    }

    /**
     * Answers the probes.
     *
     * @param endpoint what orchestrators ask
     * @return this
     */
    public Builder health(HealthEndpoint endpoint) {
      this.health = requireNonNull(endpoint, "endpoint");
      return this;
    }

    /**
     * Makes the endpoints.
     *
     * @return the endpoints
     * @throws IllegalArgumentException if there is none
     */
    public ManagementEndpoints build() {
      if (metrics == null && health == null) {
        throw new IllegalArgumentException("endpoints: none (expected: metrics, health or both)");
      }
      return new ManagementEndpoints(this);
    }
  }
}
