package dev.msk.examples.demo;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Takes spans by OTLP over HTTP, as Jaeger would, and keeps them in memory. Thread-safe. */
public final class Collector implements AutoCloseable {

  private final HttpServer http;
  private final ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
    Thread thread = new Thread(task, "demo-collector");
    thread.setDaemon(true);
    return thread;
  });
  private final ConcurrentLinkedQueue<Span> spans = new ConcurrentLinkedQueue<>();
  private final List<Consumer<ResourceSpans>> exporters = new CopyOnWriteArrayList<>();

  private Collector(HttpServer http) {
    this.http = http;
  }

  /**
   * A collector on a free port.
   *
   * @return to be closed
   */
  public static Collector start() {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      Collector collector = new Collector(http);
      http.setExecutor(collector.threads);
      http.createContext("/v1/traces", collector::take);
      http.start();
      return collector;
    } catch (IOException e) {
      throw new IllegalStateException("collector: no port to listen on", e);
    }
  }

  /**
   * Where exporters send to.
   *
   * @return for {@code OTEL_EXPORTER_OTLP_ENDPOINT}
   */
  public String endpoint() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  /**
   * What came of a trace so far.
   *
   * @param trace its id, in hex
   * @return its spans
   */
  public List<Span> spans(String trace) {
    return spans.stream().filter(span -> span.trace().equals(trace)).toList();
  }

  /** What is passed on until it is closed. */
  public interface Forwarding extends AutoCloseable {

    @Override
    void close();
  }

  /**
   * Passes on what comes from now on, beside keeping it, as the exporters of an OpenTelemetry Collector do.
   *
   * @param exporter gets the spans of one process at a time, from two threads at once; the process waits for it
   * @return ends it
   */
  public Forwarding forwardTo(Consumer<ResourceSpans> exporter) {
    exporters.add(exporter);
    return () -> exporters.remove(exporter);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void take(HttpExchange request) throws IOException {
    try (request) {
      for (ResourceSpans process :
          ExportTraceServiceRequest.parseFrom(request.getRequestBody()).getResourceSpansList()) {
        keep(process);
        exporters.forEach(exporter -> exporter.accept(process));
      }
      request.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      request.sendResponseHeaders(200, -1);
    }
  }

  private void keep(ResourceSpans process) {
    String service =
        attributes(process.getResource().getAttributesList()).getOrDefault("service.name", "");
    process
        .getScopeSpansList()
        .forEach(scope -> scope
            .getSpansList()
            .forEach(span -> spans.add(new Span(
                hex(span.getTraceId()),
                hex(span.getSpanId()),
                hex(span.getParentSpanId()),
                service,
                span.getName(),
                span.getKind().name().replace("SPAN_KIND_", ""),
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(),
                attributes(span.getAttributesList())))));
  }

  /** By key, each value as text. */
  static Map<String, String> attributes(List<KeyValue> all) {
    Map<String, String> attributes = new HashMap<>();
    all.forEach(one -> attributes.put(one.getKey(), text(one.getValue())));
    return attributes;
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case INT_VALUE -> String.valueOf(value.getIntValue());
      case BOOL_VALUE -> String.valueOf(value.getBoolValue());
      case DOUBLE_VALUE -> String.valueOf(value.getDoubleValue());
      default -> value.toString();
    };
  }

  static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }
}
