package dev.msk.observability.agent;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Takes spans by OTLP over HTTP. */
final class OtlpReceiver implements AutoCloseable {

  /** A span, and the scope of the library that made it. */
  record Span(
      String scope, String name, String kind, String traceId, String spanId, String parentId) {}

  private final HttpServer server;
  private final Queue<Span> spans = new ConcurrentLinkedQueue<>();

  OtlpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Span> spans() {
    return List.copyOf(spans);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      ExportTraceServiceRequest.parseFrom(exchange.getRequestBody())
          .getResourceSpansList()
          .forEach(process -> process.getScopeSpansList().forEach(this::keep));
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private void keep(ScopeSpans scope) {
    scope
        .getSpansList()
        .forEach(span -> spans.add(new Span(
            scope.getScope().getName(),
            span.getName(),
            span.getKind().name().replace("SPAN_KIND_", ""),
            hex(span.getTraceId()),
            hex(span.getSpanId()),
            hex(span.getParentSpanId()))));
  }

  private static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }
}
