package dev.msk.security.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The HTTP of a {@link TestIdp}: JSON on the loopback interface, and nothing at all while it is away. */
final class IdpServer implements AutoCloseable {

  private static final int MAX_FORM = 64 * 1024;

  private final HttpServer server;
  private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
  private volatile boolean down;

  private IdpServer(HttpServer server) {
    this.server = server;
  }

  static IdpServer bind(int port) throws IOException {
    return new IdpServer(
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0));
  }

  int port() {
    return server.getAddress().getPort();
  }

  void down(boolean away) {
    this.down = away;
  }

  int requests(String path) {
    AtomicInteger count = requests.get(path);
    return count == null ? 0 : count.get();
  }

  void answer(String path, Answer answer) {
    AtomicInteger count = requests.computeIfAbsent(path, name -> new AtomicInteger());
    server.createContext(path, exchange -> {
      count.incrementAndGet();
      try (exchange) {
        if (!down) {
          send(exchange, answer.to(request(exchange)));
        }
      }
    });
  }

  void start() {
    server.start();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    if (reply.location != null) {
      exchange.getResponseHeaders().set("Location", reply.location);
    }
    byte[] bytes = reply.json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(reply.status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static Request request(HttpExchange exchange) throws IOException {
    Map<String, String> form = new HashMap<>();
    read(String.valueOf(exchange.getRequestURI().getRawQuery()), form);
    try (InputStream body = exchange.getRequestBody()) {
      read(new String(body.readNBytes(MAX_FORM), StandardCharsets.UTF_8), form);
    }
    return new Request(form, exchange.getRequestHeaders().getFirst("Authorization"));
  }

  private static void read(String text, Map<String, String> form) {
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        form.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
  }

  /** Parameters of the query and of the form. */
  record Request(Map<String, String> form, @Nullable String authorization) {

    String parameter(String name) {
      return form.getOrDefault(name, "");
    }

    boolean isOfAClient() {
      return authorization != null && authorization.startsWith("Basic ");
    }
  }

  record Reply(int status, String json, @Nullable String location) {

    static Reply of(String json) {
      return new Reply(200, json, null);
    }

    static Reply error(int status, String error) {
      return new Reply(status, "{\"error\":\"" + error + "\"}", null);
    }

    static Reply redirect(String location) {
      return new Reply(302, "", location);
    }
  }

  interface Answer {
    Reply to(Request request);
  }
}
