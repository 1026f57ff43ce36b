package dev.msk.examples.gateway;

import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpServerRoute;
import dev.msk.observability.http.HttpTelemetry;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TokenVerifier;
import dev.msk.security.http.BearerAuthentication;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes requests, on any number of event loops.
 *
 * <pre>
 * request ─> RequestPath ─> RouteTable ─> Passage: token, size, body, call, answer
 *               400          404, 405     401 403  413 415  408   502 503 504
 * </pre>
 *
 * <p>Nothing here waits. Bodies are held in memory, so that a call can be repeated at another
 * instance: routes bound their size, {@value #MAX_UNDER_WAY} their number. How many of them may be at
 * one service at once is up to {@link Services}. Thread-safe.
 */
final class Proxy implements Handler<HttpServerRequest> {

  /** Requests that are under way at once; the next one is told to come again. */
  static final int MAX_UNDER_WAY = 1024;

  private static final HeaderGetter<MultiMap> HEADERS = new HeaderGetter<>() {
    @Override
    public String get(MultiMap headers, String name) {
      return headers.get(name);
    }

    @Override
    public List<String> getAll(MultiMap headers, String name) {
      return headers.getAll(name);
    }
  };

  private final Vertx vertx;
  private final RouteTable table;
  private final BearerAuthentication authentication;
  private final Services services;
  private final HttpTelemetry telemetry;
  private final Map<Route, HttpServerRoute> reported = new HashMap<>();
  private final AtomicInteger underWay = new AtomicInteger();

  /** Connections whose last answer is on its way: what a client has sent behind it is no request. */
  private final Set<HttpConnection> ending = ConcurrentHashMap.newKeySet();

  Proxy(
      Vertx vertx,
      List<Route> routes,
      TokenVerifier tokens,
      SecurityEvents events,
      Services services,
      Telemetry telemetry) {
    this.vertx = vertx;
    this.table = new RouteTable(routes);
    this.authentication = BearerAuthentication.of(tokens, rules(routes)).events(events);
    this.services = services;
    this.telemetry = HttpTelemetry.of(telemetry, "http");
    for (Route route : routes) {
      reported.put(route, this.telemetry.server(route.method(), route.path().toString()));
    }
  }

  /** Each route is what one rule allows, under the route's name. */
  private static AccessRules rules(List<Route> routes) {
    return AccessRules.of(routes.stream()
        .map(route -> AccessRule.named(route.name())
            .anyCaller()
            .actions(route.method() + " " + route.path())
            .scopes(route.scopes().toArray(String[]::new)))
        .toArray(AccessRule[]::new));
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (ending.contains(request.connection())) {
      return;
    }
    String method = request.method().name();
    Route route = null;
    String target = "";
    Problem problem = null;
    try {
      checkHead(request);
      RequestPath path = RequestPath.of(request.path());
      route = table.find(method, path);
      target = path.encoded() + RequestPath.query(request.uri());
    } catch (Problem e) {
      problem = e;
    }
    HttpServerRoute report = route == null ? telemetry.server(method, "") : reported.get(route);
    HttpOperation operation =
        report.start(String.valueOf(request.path()), request.headers(), HEADERS);
    Passage passage =
        new Passage(request, vertx.getOrCreateContext(), operation, underWay, this::ends);
    if (underWay.incrementAndGet() > MAX_UNDER_WAY && problem == null) {
      problem =
          new Problem(503, "gateway: busy (expected: to be asked again)").with("retry-after", "1");
    }
    if (problem == null) {
      passage.begin(route, target, authentication, services);
    } else {
      passage.refuse(problem);
    }
  }

  private void ends(HttpConnection connection) {
    if (ending.add(connection)) {
      connection.closeHandler(closed -> ending.remove(connection));
    }
  }

  /**
   * What readers could understand differently must not come through: for whom the request is, and
   * where it ends.
   */
  private static void checkHead(HttpServerRequest request) {
    MultiMap headers = request.headers();
    List<String> lengths = headers.getAll("content-length");
    List<String> encodings = headers.getAll("transfer-encoding");
    boolean length = encodings.isEmpty()
        && (lengths.isEmpty() || lengths.size() == 1 && lengths.get(0).matches("\\d{1,18}"));
    boolean chunked =
        lengths.isEmpty() && encodings.size() == 1 && encodings.get(0).equalsIgnoreCase("chunked");
    if (!length && !chunked) {
      throw new Problem(
              400, "request: its end is in doubt (expected: one Content-Length, or chunked)")
          .with("connection", "close");
    }
    if (headers.getAll("host").size() > 1 || request.authority() == null) {
      throw new Problem(400, "Host: missing, malformed or repeated (expected: once)")
          .with("connection", "close");
    }
  }
}
