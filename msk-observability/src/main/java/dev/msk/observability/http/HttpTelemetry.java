package dev.msk.observability.http;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reports HTTP requests, served and sent, by OpenTelemetry's stable conventions.
 *
 * <p>Spans are named {@code GET /orders/{id}} (served) and {@code GET} (sent); durations are {@code
 * http.server.request.duration} and {@code http.client.request.duration} in seconds, with the method, the route or the server's
 * address, the status code and {@code error.type}; {@code http.server.active_requests} counts what is being served. Served
 * requests fail from status 500 on, sent ones from 400 on. A method that HTTP does not define is {@value Telemetry#OVERFLOW}.
 *
 * <p>It knows no framework: bind a route or a server once, ahead, and start an operation for each request. Make one for each
 * telemetry and scheme: of two, the younger's active requests are the ones that are shown. Thread-safe.
 */
public final class HttpTelemetry {

  private static final Set<String> METHODS = Set.of(
      "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "QUERY");

  private final Telemetry telemetry;
  private final String scheme;
  private final OperationType served;
  private final OperationType sent;
  private final GaugeType active;
  private final ConcurrentMap<String, LongAdder> activeByMethod = new ConcurrentHashMap<>();

  private HttpTelemetry(Telemetry telemetry, String scheme) {
    this.telemetry = telemetry;
    this.scheme = scheme;
    this.served =
        telemetry.operation(OperationSpec.builder("http.server.request", OperationKind.SERVER)
            .description("Duration of HTTP requests served")
            .tags("http.request.method", "http.route", "url.scheme")
            .build());
    this.sent =
        telemetry.operation(OperationSpec.builder("http.client.request", OperationKind.CLIENT)
            .description("Duration of HTTP requests sent")
            .tags("http.request.method", "server.address", "server.port")
            .build());
    this.active = telemetry.gauge(GaugeSpec.of(
        "http.server.active_requests",
        "HTTP requests being served",
        "{request}",
        "http.request.method",
        "url.scheme"));
  }

  /**
   * Telemetry for a service.
   *
   * @param telemetry where it goes
   * @param scheme of the requests that the service serves: {@code http} or {@code https}
   * @return HTTP telemetry
   * @throws IllegalArgumentException if it is another scheme
   */
  public static HttpTelemetry of(Telemetry telemetry, String scheme) {
    requireNonNull(telemetry, "telemetry");
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException("scheme: " + scheme + " (expected: http or https)");
    }
    return new HttpTelemetry(telemetry, scheme);
  }

  /**
   * A route that is served. Routes come from the service's own table, never from a request's path, which an attacker chooses.
   *
   * @param method the request's method as it came; one that HTTP does not define is kept on spans only
   * @param route the route's template, for example {@code /orders/{id}}; empty for a request that matched none
   * @return the route; keep it
   */
  public HttpServerRoute server(String method, String route) {
    String known = known(method);
    return new HttpServerRoute(
        telemetry,
        served.bind(known, route, scheme),
        activeByMethod.computeIfAbsent(known, this::activeRequests),
        known.equals(Telemetry.OVERFLOW) ? method : null);
  }

  /**
   * A server that is called.
   *
   * @param method the request's method
   * @param address the server's name as the client knows it: a service or host name, or an IP address
   * @param port the server's port, 1 to 65535
   * @return the server; keep it
   * @throws IllegalArgumentException if the port is out of bounds
   */
  public HttpClientTarget client(String method, String address, int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
    }
    String known = known(method);
    return new HttpClientTarget(
        sent.bind(known, address, String.valueOf(port)),
        known.equals(Telemetry.OVERFLOW) ? method : null);
  }

  private LongAdder activeRequests(String method) {
    LongAdder requests = new LongAdder();
    var unused = active.register(requests::sum, method, scheme);
    return requests;
  }

  private static String known(String method) {
    String upper = method.toUpperCase(Locale.ROOT);
    return METHODS.contains(upper) ? upper : Telemetry.OVERFLOW;
  }
}
