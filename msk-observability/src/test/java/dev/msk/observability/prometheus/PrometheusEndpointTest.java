package dev.msk.observability.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.core.testing.ManualTime;
import dev.msk.observability.EndpointResponse;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.Recorded;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpTelemetry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PrometheusEndpointTest {

  private static final Pattern SAMPLE = Pattern.compile(
      "([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (NaN|[-+]?[0-9.eE+-]+|[+-]Inf)( # .*)?");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

  private final Recorded recorded = new Recorded();
  private final ManualTime time = ManualTime.create();
  private final PrometheusEndpoint endpoint = PrometheusEndpoint.create();
  private final MskTelemetry telemetry = MskTelemetry.of(recorded.sdk(), endpoint.registry(), time);

  @BeforeEach
  void measure() {
    try (HttpOperation request = HttpTelemetry.of(telemetry, "https")
        .server("GET", "/orders/{id}")
        .start("/orders/4711", new HashMap<String, String>(), Map::get)) {
      time.advance(Duration.ofMillis(30));
      request.status(200);
    }
    telemetry
        .counter(CounterSpec.of("msk.outbox.relay.sent", "Events sent", "{event}", "outbox"))
        .bind("orders")
        .add(7);
  }

  @AfterEach
  void close() {
    endpoint.registry().close();
    recorded.close();
  }

  @Test
  void scrape_isPrometheusText_withTheConventionsNames() {
    EndpointResponse response = endpoint.scrape(null);

    Map<String, Map<Map<String, String>, Double>> samples = parse(response);
    Map<String, String> request = Map.of(
        "http_request_method", "GET",
        "http_route", "/orders/{id}",
        "url_scheme", "https",
        "http_response_status_code", "200",
        "error_type", "");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.contentType()).startsWith("text/plain; version=0.0.4");
    assertThat(samples.get("http_server_request_duration_seconds_count"))
        .containsEntry(request, 1.0);
    assertThat(samples.get("http_server_request_duration_seconds_sum"))
        .containsEntry(request, 0.03);
    assertThat(samples.get("http_server_request_duration_seconds_bucket"))
        .containsEntry(with(request, "le", "0.025"), 0.0)
        .containsEntry(with(request, "le", "0.05"), 1.0)
        .containsEntry(with(request, "le", "+Inf"), 1.0)
        .hasSize(15);
    assertThat(samples.get("http_server_active_requests"))
        .containsEntry(Map.of("http_request_method", "GET", "url_scheme", "https"), 0.0);
    assertThat(samples.get("msk_outbox_relay_sent_total"))
        .containsEntry(Map.of("outbox", "orders"), 7.0);
  }

  @Test
  void scrape_ofOpenMetrics_hasTheOperationsOwnSpanAsExemplar_onBucketsOnly() {
    EndpointResponse response =
        endpoint.scrape("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");

    String text = new String(response.body(), StandardCharsets.UTF_8);
    String span = recorded.span("GET /orders/{id}").getSpanId();
    assertThat(response.contentType()).startsWith("application/openmetrics-text");
    assertThat(text).endsWith("# EOF\n");
    assertThat(text.lines().filter(line -> line.contains(" # {")))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line)
            .startsWith("http_server_request_duration_seconds_bucket")
            .contains("span_id=\"" + span + "\""));
  }

  @Test
  void unsampledOperation_leavesNoExemplar() {
    PrometheusEndpoint plain = PrometheusEndpoint.create();
    MskTelemetry metricsOnly =
        MskTelemetry.of(io.opentelemetry.api.OpenTelemetry.noop(), plain.registry());

    try (Operation operation = metricsOnly
        .operation(dev.msk.core.telemetry.OperationSpec.builder(
                "shop.order", dev.msk.core.telemetry.OperationKind.INTERNAL)
            .build())
        .bind()
        .start(TelemetryContext.root())) {
      operation.outcome("ok");
    }

    EndpointResponse response = plain.scrape("application/openmetrics-text");
    assertThat(new String(response.body(), StandardCharsets.UTF_8))
        .contains("shop_order_duration_seconds_bucket")
        .doesNotContain(" # {");
  }

  private static Map<String, Map<Map<String, String>, Double>> parse(EndpointResponse response) {
    Map<String, Map<Map<String, String>, Double>> samples = new TreeMap<>();
    for (String line : new String(response.body(), StandardCharsets.UTF_8).split("\n", -1)) {
      if (line.isEmpty() || line.startsWith("# HELP ") || line.startsWith("# TYPE ")) {
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      Map<String, String> labels = new TreeMap<>();
      Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
      while (label.find()) {
        labels.put(label.group(1), label.group(2));
      }
      String value = sample.group(3).replace("Inf", "Infinity");
      samples
          .computeIfAbsent(sample.group(1), name -> new HashMap<>())
          .put(labels, Double.valueOf(value));
    }
    return samples;
  }

  private static Map<String, String> with(Map<String, String> labels, String key, String value) {
    Map<String, String> more = new TreeMap<>(labels);
    more.put(key, value);
    return more;
  }
}
