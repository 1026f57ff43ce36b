package dev.msk.security.http;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import dev.msk.core.Scope;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.internal.HttpHeaders;
import dev.msk.security.internal.RequestPath;
import dev.msk.security.internal.RequestUri;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A filter of the JDK's HTTP server: its handlers run with the call's context and token, and only for requests that {@link
 * BearerAuthentication} lets through. What it came to is the attribute {@value #OUTCOME} of the exchange.
 *
 * <p>Of an {@code HttpsServer}, the client's certificate is the caller. A path that could be read in two ways is answered with 400. Blocks while
 * the issuer's keys are waited for. Needs the module {@code jdk.httpserver}. Thread-safe.
 */
public final class HttpServerSecurity extends Filter {

  /** The attribute with the {@link Outcome.Authenticated}. */
  public static final String OUTCOME = "dev.msk.security.outcome";

  private final BearerAuthentication door;
  private final @Nullable URI origin;

  private HttpServerSecurity(BearerAuthentication door, @Nullable URI origin) {
    this.door = door;
    this.origin = origin;
  }

  /**
   * A filter.
   *
   * @param door decides; sees the path as resource
   * @return for {@code HttpContext.getFilters()}
   */
  public static HttpServerSecurity of(BearerAuthentication door) {
    return new HttpServerSecurity(requireNonNull(door, "door"), null);
  }

  /**
   * The same filter, which takes {@code Authorization: DPoP} too.
   *
   * @param origin scheme and host as clients spell them, for example {@code https://shop.example}
   * @return another filter
   */
  public HttpServerSecurity dpop(URI origin) {
    return new HttpServerSecurity(door, requireNonNull(origin, "origin"));
  }

  @Override
  public String description() {
    return "Bearer authentication";
  }

  @Override
  public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
    String raw = String.valueOf(exchange.getRequestURI().getRawPath());
    Optional<Request> request =
        RequestPath.decoded(raw).flatMap(path -> request(exchange, path, raw));
    if (request.isEmpty()) {
      exchange.sendResponseHeaders(400, -1);
      exchange.close();
      return;
    }
    Outcome outcome = door.authenticate(request.get());
    if (outcome instanceof Outcome.Authenticated through) {
      exchange.setAttribute(OUTCOME, through);
      try (Scope context = through.context().makeCurrent();
          Scope token = through.token().makeCurrent()) {
        chain.doFilter(exchange);
      }
    } else {
      refuse(exchange, (Outcome.Refused) outcome);
    }
  }

  private Optional<Request> request(HttpExchange exchange, String path, String raw) {
    List<String> authorization = exchange.getRequestHeaders().get("Authorization");
    Request plain = Request.of(
            exchange.getRequestMethod(), path, HttpHeaders.authorization(authorization))
        .context(HttpHeaders.CALL
            .extract(exchange.getRequestHeaders(), Headers::getFirst)
            .build());
    Request request =
        exchange instanceof HttpsExchange secure ? plain.peer(secure.getSSLSession()) : plain;
    if (origin == null) {
      return Optional.of(request);
    }
    List<String> proofs = exchange.getRequestHeaders().getOrDefault("DPoP", List.of());
    return RequestUri.of(origin, raw).map(uri -> request.dpop(uri, proofs));
  }

  private static void refuse(HttpExchange exchange, Outcome.Refused refused) throws IOException {
    byte[] body = refused.problem().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("WWW-Authenticate", refused.wwwAuthenticate());
    exchange.getResponseHeaders().set("Content-Type", HttpHeaders.PROBLEM);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(refused.status(), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
