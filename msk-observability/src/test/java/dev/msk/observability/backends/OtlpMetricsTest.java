package dev.msk.observability.backends;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Clock;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Metrics as a collector gets them by OTLP over HTTP. */
final class OtlpMetricsTest {

  private final Queue<Metric> received = new ConcurrentLinkedQueue<>();
  private HttpServer collector;

  @BeforeEach
  void start() throws IOException {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext("/v1/metrics", this::take);
    collector.start();
    Map<String, String> settings = Map.of(
        "otlp.url",
        "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/metrics",
        "otlp.baseTimeUnit",
        "seconds");
    OtlpMeterRegistry registry = new OtlpMeterRegistry(settings::get, Clock.SYSTEM);
    Backends.measure(registry);
    registry.close(); // publishes
  }

  @AfterEach
  void stop() {
    collector.stop(0);
  }

  @Test
  void operation_isAHistogram_inSeconds_withTheConventionsNames() {
    Metric duration = metric("http.server.request.duration");

    HistogramDataPoint point = duration.getHistogram().getDataPoints(0);
    assertThat(duration.getUnit()).isEqualTo("seconds");
    assertThat(tags(point.getAttributesList()))
        .containsEntry("http.request.method", "GET")
        .containsEntry("http.route", "/orders/{id}")
        .containsEntry("http.response.status_code", "200")
        .containsEntry("url.scheme", "https");
    assertThat(point.getCount()).isEqualTo(1);
    assertThat(point.getSum()).isEqualTo(0.03);
    assertThat(point.getExplicitBoundsList()).contains(0.025, 0.05, 10.0);
    int upTo50Millis = point.getExplicitBoundsList().indexOf(0.05);
    assertThat(point.getBucketCounts(upTo50Millis)).isEqualTo(1);
  }

  @Test
  void counter_isASum() {
    NumberDataPoint point = metric("msk.outbox.relay.sent").getSum().getDataPoints(0);

    assertThat(point.getAsDouble()).isEqualTo(7);
    assertThat(tags(point.getAttributesList())).containsExactly(Map.entry("outbox", "orders"));
  }

  @Test
  void gauge_isAGauge_inItsUnit() {
    Metric age = metric("msk.outbox.oldest.age");

    assertThat(age.getUnit()).isEqualTo("seconds");
    assertThat(age.getGauge().getDataPoints(0).getAsDouble()).isEqualTo(5);
  }

  private Metric metric(String name) {
    return received.stream()
        .filter(metric -> metric.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(
            name + " (received: " + received.stream().map(Metric::getName).toList() + ")"));
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody())
          .getResourceMetricsList()
          .forEach(process -> process
              .getScopeMetricsList()
              .forEach(scope -> received.addAll(scope.getMetricsList())));
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static Map<String, String> tags(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(Collectors.toMap(KeyValue::getKey, tag -> tag.getValue().getStringValue()));
  }
}
