package dev.msk.examples.keycloak;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.core.security.TlsSource;
import dev.msk.security.ClientAuthentication;
import dev.msk.security.LoginSession;
import dev.msk.security.OidcLogin;
import dev.msk.security.OidcLogin.Active;
import dev.msk.security.OidcLogin.Anonymous;
import dev.msk.security.OidcLogin.LoggedIn;
import dev.msk.security.OidcLogin.Redirect;
import dev.msk.security.SecurityEvent;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TokenSource;
import dev.msk.security.http.AuthorizedHttpClient;
import dev.msk.security.http.LiveHttpClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The edge. A browser logs in here and has a cookie from then on; what it asks for goes on over mutual TLS, with a token for
 * the next service that was exchanged for the one of the session. Neither cookie nor session token goes further.
 *
 * <p>Requests that bring an identity of another kind are refused: nobody outside says who calls.
 */
final class Gateway implements AutoCloseable {

  private static final int MOST_BYTES = 16 << 10;
  private static final Duration TIME = Duration.ofSeconds(20);

  /** What proxies and services say to one another in other houses. Nothing of it is believed here; whoever says it is up to something. */
  private static final Set<String> IDENTITY = Set.of(
      "authorization",
      "dpop",
      "x-forwarded-client-cert",
      "x-forwarded-user",
      "x-auth-request-user",
      "x-spiffe-id",
      "x-user");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final OidcLogin login;
  private final TokenSource tokens;
  private final LiveHttpClient http;
  private final URI orders;
  private final SecurityEvents events;

  Gateway(
      Issuer issuer,
      String secret,
      byte[] cookieKey,
      TlsSource identity,
      URI orders,
      SecurityEvents events)
      throws IOException {
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    this.login = OidcLogin.builder(
            issuer.provider(),
            issuer.keys(),
            "gateway",
            ClientAuthentication.secretBasic("gateway", secret),
            uri().resolve("/login/callback"))
        .cookieKey(cookieKey)
        .timeout(TIME)
        .events(events)
        .build();
    this.tokens = issuer.exchanges("gateway", secret, "orders:write");
    this.http = LiveHttpClient.of(identity, "orders");
    this.orders = orders;
    this.events = events;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Where browsers go. */
  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    http.close();
    tokens.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getRequestHeaders();
      Optional<String> claimed = headers.keySet().stream()
          .map(name -> name.toLowerCase(Locale.ROOT))
          .filter(IDENTITY::contains)
          .findFirst();
      String action =
          exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      if (claimed.isPresent()) {
        events.emit(SecurityEvent.of(EventType.INPUT_VALIDATION_FAIL, Source.HTTP)
            .with(Field.REASON, "IDENTITY_HEADER")
            .with(Field.DESCRIPTION, claimed.get() + ": from outside (expected: a session)")
            .with(Field.ACTION, action));
        send(exchange, 400, new byte[0]);
        return;
      }
      switch (action) {
        case "GET /login" -> redirect(exchange, login.begin("/"));
        case "GET /login/callback" -> callback(exchange);
        case "POST /orders" -> order(exchange);
        default -> send(exchange, 404, new byte[0]);
      }
    }
  }

  private void callback(HttpExchange exchange) throws IOException {
    OidcLogin.Callback callback = login
        .callback(exchange.getRequestURI().getRawQuery(), cookies(exchange))
        .toCompletableFuture()
        .join();
    if (callback instanceof LoggedIn in) {
      redirect(exchange, new Redirect(URI.create(in.returnTo()), in.setCookies()));
    } else {
      send(exchange, 401, new byte[0]);
    }
  }

  private void order(HttpExchange exchange) throws IOException {
    OidcLogin.Current current =
        login.session(cookies(exchange)).toCompletableFuture().join();
    if (current instanceof Active active) {
      setCookies(exchange, active.setCookies());
      byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES);
      HttpResponse<byte[]> answer = forwarded(active.session(), body);
      send(exchange, answer.statusCode(), answer.body());
    } else {
      send(exchange, current instanceof Anonymous ? 401 : 503, new byte[0]);
    }
  }

  /** A request of our own: of the browser's it has the body, and no header. */
  private HttpResponse<byte[]> forwarded(LoginSession session, byte[] body) throws IOException {
    CallContext call = CallContext.builder()
        .correlationId(UUID.randomUUID().toString())
        .subject(session.subject())
        .build();
    HttpRequest request = HttpRequest.newBuilder(orders.resolve("/orders"))
        .timeout(TIME)
        .POST(BodyPublishers.ofByteArray(body))
        .build();
    try (Scope scope = call.makeCurrent()) {
      return AuthorizedHttpClient.of(
              http, peer -> tokens.exchange(session.accessToken(), peer), "orders")
          .send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("closed", e);
    }
  }

  /** Each header of its own is one more list. */
  private static String cookies(HttpExchange exchange) {
    List<String> all = exchange.getRequestHeaders().get("Cookie");
    return all == null ? null : String.join("; ", all);
  }

  private static void setCookies(HttpExchange exchange, List<String> cookies) {
    cookies.forEach(cookie -> exchange.getResponseHeaders().add("Set-Cookie", cookie));
  }

  private static void redirect(HttpExchange exchange, Redirect redirect) throws IOException {
    setCookies(exchange, redirect.setCookies());
    exchange.getResponseHeaders().set("Location", redirect.location().toString());
    send(exchange, 302, new byte[0]);
  }

  static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }
}
