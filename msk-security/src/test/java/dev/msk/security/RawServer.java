package dev.msk.security;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A server that misbehaves as it is told to. */
final class RawServer implements AutoCloseable {

  private final HttpServer server;
  private volatile Answer answer = new Answer(404, Map.of(), "");

  private RawServer(HttpServer server) {
    this.server = server;
  }

  static RawServer start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    RawServer raw = new RawServer(server);
    server.createContext("/", raw::handle);
    server.start();
    return raw;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  void answer(int status, String body) {
    answer = new Answer(status, Map.of(), body);
  }

  void redirect(String location) {
    answer = new Answer(302, Map.of("Location", location), "");
  }

  /** Takes requests and never answers. */
  void hang() {
    answer = new Answer(0, Map.of(), "");
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    Answer now = answer;
    if (now.status == 0) {
      return;
    }
    try (exchange) {
      byte[] body = now.body.getBytes(StandardCharsets.UTF_8);
      now.headers.forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(now.status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private record Answer(int status, Map<String, String> headers, String body) {}
}
