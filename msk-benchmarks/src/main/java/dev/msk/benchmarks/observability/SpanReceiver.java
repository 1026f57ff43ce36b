package dev.msk.benchmarks.observability;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;

/** Takes spans by OTLP over HTTP on the loopback, and keeps none. Thread-safe. */
final class SpanReceiver implements AutoCloseable {

  private final HttpServer http;
  private final LongAdder bytes = new LongAdder();

  private SpanReceiver(HttpServer http) {
    this.http = http;
  }

  static SpanReceiver start() throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    SpanReceiver receiver = new SpanReceiver(http);
    http.createContext("/v1/traces", receiver::take);
    http.start();
    return receiver;
  }

  /** For an exporter. */
  String endpoint() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/v1/traces";
  }

  /** What has come. */
  long bytes() {
    return bytes.sum();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      bytes.add(exchange.getRequestBody().transferTo(OutputStream.nullOutputStream()));
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
