package dev.msk.examples.chassis;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.observability.EndpointResponse;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthEndpoint;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/**
 * What operators and their tools ask, on a port of its own that no client reaches: {@code /metrics},
 * {@code /livez}, {@code /readyz}, {@code /health}. The JDK's own server will do.
 */
public final class Management implements AutoCloseable {

  /**
   * Where to listen.
   *
   * <pre>
   * MANAGEMENT_HOST  127.0.0.1   0.0.0.0 in a container
   * MANAGEMENT_PORT  8081        0 for a random one; the log says which
   * </pre>
   *
   * @param host what to listen on
   * @param port what to listen on
   */
  public record Settings(String host, int port) {

    /**
     * Reads the environment.
     *
     * @param environment remembers what is wrong
     * @return the settings
     */
    public static Settings of(Environment environment) {
      return new Settings(
          environment.text("MANAGEMENT_HOST", "127.0.0.1"),
          environment.port("MANAGEMENT_PORT", 8081));
    }
  }

  private final HttpServer http;

  private Management(HttpServer http) {
    this.http = http;
  }

  /**
   * Listens and answers.
   *
   * @param settings where
   * @param checks what the probes say
   * @param metrics what Prometheus gets
   * @param executor answers
   * @return to be closed
   * @throws IllegalStateException when the port is taken
   */
  public static Management start(
      Settings settings, HealthChecks checks, PrometheusEndpoint metrics, Executor executor) {
    HttpServer http;
    try {
      http = HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 0);
    } catch (IOException e) {
      throw new IllegalStateException(
          "MANAGEMENT_PORT: " + settings.port() + " (expected: a free one): " + e.getMessage(), e);
    }
    HealthEndpoint probes = HealthEndpoint.of(checks);
    http.setExecutor(executor);
    http.createContext("/", request -> answer(request, probes, metrics));
    http.start();
    return new Management(http);
  }

  /**
   * Where it listens.
   *
   * @return for instance {@code http://127.0.0.1:8081}
   */
  public String url() {
    InetSocketAddress address = http.getAddress();
    return "http://" + address.getHostString() + ":" + address.getPort();
  }

  @Override
  public void close() {
    http.stop(0);
  }

  private static void answer(
      HttpExchange request, HealthEndpoint probes, PrometheusEndpoint metrics) throws IOException {
    try (request) {
      String path = request.getRequestURI().getPath();
      EndpointResponse response = "/metrics".equals(path)
          ? metrics.scrape(request.getRequestHeaders().getFirst("Accept"))
          : probes.get(path).orElseGet(Management::unknown);
      request.getResponseHeaders().set("Content-Type", response.contentType());
      request.sendResponseHeaders(response.status(), response.body().length);
      request.getResponseBody().write(response.body());
    }
  }

  private static EndpointResponse unknown() {
    String paths = "/metrics, /livez, /readyz or /health";
    return new EndpointResponse(
        404,
        "text/plain; charset=utf-8",
        ("path: unknown (expected: " + paths + ")\n").getBytes(StandardCharsets.UTF_8));
  }
}
