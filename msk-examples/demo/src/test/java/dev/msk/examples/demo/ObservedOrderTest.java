package dev.msk.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.msk.examples.demo.Collector.Forwarding;
import dev.msk.localservers.ElasticsearchServer;
import dev.msk.localservers.ZipkinServer;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span.Link;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One order as operators see it: its trace in Zipkin, its log lines in Elasticsearch, both by one id. Half a minute, in which the two
 * start; where they are missing it is skipped, and says so.
 */
@ExtendWith(RunningStage.class)
@TestInstance(Lifecycle.PER_CLASS)
class ObservedOrderTest {

  private static final String LOGS = "shop-logs";

  private final ObjectMapper json = new ObjectMapper();
  private final Opened opened = new Opened();
  private ZipkinServer zipkin;
  private ElasticsearchServer elasticsearch;
  private ZipkinExporter exporter;
  private OneOrder order;
  private List<Span> spans;

  @BeforeAll
  void order(Stage stage) throws Exception {
    skipWithout(ZipkinServer.missing());
    skipWithout(ElasticsearchServer.missing());
    var starting = opened.starting(ZipkinServer::start);
    elasticsearch = Opened.done(opened.starting(ElasticsearchServer::start));
    zipkin = Opened.done(starting);
    exporter = new ZipkinExporter(zipkin.url());
    // As templates of Filebeat have it: ids are looked for whole, times sorted by.
    elasticsearch.api("PUT", "/" + LOGS, """
        {"mappings": {"properties": {"@timestamp": {"type": "date"},
          "trace": {"properties": {"id": {"type": "keyword"}}}}}}
        """);
    LogShipper shipper = new LogShipper(
        elasticsearch.url().resolve("/" + LOGS + "/_bulk?refresh=true"),
        stage.services().values().stream().map(Service::log).toList());

    try (Forwarding forwarding = stage.servers().collector().forwardTo(exporter)) {
      order = OneOrder.placed(stage);
      Await.until(
          "Zipkin has the spans that the collector has",
          Duration.ofSeconds(20),
          () -> ZipkinTrace.spans(zipkin, order.trace()).size() >= order.spans().size());
    }
    spans = ZipkinTrace.spans(zipkin, order.trace());
    assertThat(shipper.ship()).isPositive();
  }

  @AfterAll
  void close() {
    opened.close(service -> {});
  }

  @Test
  void order_isOneTraceInZipkin_spanBySpan() {
    assertThat(exporter.failures()).isEmpty();
    assertThat(lowerCase(OneOrder.tree(spans))).isEqualTo(lowerCase(OneOrder.TREE));
    // Whoever goes on with a single message, or with a saga, is a child: there is nothing to link.
    assertThat(spans).flatExtracting(ZipkinTrace::links).isEmpty();
    assertThat(spans).allSatisfy(span -> assertThat(span.attributes()).doesNotContainKey("error"));
  }

  @Test
  void linksAndFailures_areTagsInZipkin() throws Exception {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    exporter.accept(failedWithLink(trace));
    Await.until(
        "the span is in Zipkin",
        Duration.ofSeconds(20),
        () -> !ZipkinTrace.spans(zipkin, trace).isEmpty());

    Span span = ZipkinTrace.spans(zipkin, trace).get(0);

    assertThat(ZipkinTrace.links(span))
        .containsExactly("0af7651916cd43dd8448eb211c80319c|b7ad6b7169203331||{\"day\":\"1\"}|0");
    assertThat(span.kind()).isEqualTo("CONSUMER");
    assertThat(span.attributes())
        .containsEntry("otel.status_code", "ERROR")
        .containsEntry("error", "no such order")
        .containsEntry("service.instance.id", "payments-1");
  }

  @Test
  void linesOfAllProcesses_areJoinedByTheTrace_inTheirOrder() throws Exception {
    Map<String, Line> lines = lines(order.trace()).stream()
        .collect(Collectors.toMap(line -> line.service + ": " + line.message, line -> line));
    String accepted = "orders: Order " + order.id() + " accepted: 1 of tea-500g";
    String answered = "gateway: place-order: 201 from orders";
    String reserved = "inventory: Order " + order.id() + " has 1 of tea-500g reserved";
    String captured = "payments: Capturing 500 cents for order " + order.id();
    String sold = "inventory: Order " + order.id() + " has its pieces sold";

    assertThat(lines).containsOnlyKeys(accepted, answered, reserved, captured, sold);
    // What caused the other comes first; the answer and the saga go their ways at the same time.
    assertThat(lines.get(accepted).time).isBeforeOrEqualTo(lines.get(answered).time);
    assertThat(List.of(reserved, captured, sold))
        .extracting(lines::get)
        .extracting(Line::time)
        .isSorted();
    // Each line names the span in which it was written, which is one of its service.
    Map<String, String> services =
        spans.stream().collect(Collectors.toMap(Span::id, Span::service));
    assertThat(lines.values())
        .allSatisfy(line -> assertThat(services).containsEntry(line.span, line.service));
  }

  /** What a person would look for, in the order in which it was written. */
  private List<Line> lines(String trace) throws Exception {
    JsonNode found =
        json.readTree(elasticsearch.api("POST", "/" + LOGS + "/_search", """
        {"size": 100, "query": {"term": {"trace.id": "%s"}}, "sort": [{"@timestamp": "asc"}]}
        """.formatted(trace)));
    List<Line> lines = new ArrayList<>();
    found.path("hits").path("hits").forEach(hit -> {
      JsonNode source = hit.path("_source");
      lines.add(new Line(
          Instant.parse(source.path("@timestamp").asText()),
          source.path("service.name").asText(),
          source.path("span.id").asText(),
          source.path("message").asText()));
    });
    return lines;
  }

  private record Line(Instant time, String service, String span, String message) {}

  /** The span of a saga that goes on days later, and does not end well. */
  private static ResourceSpans failedWithLink(String trace) {
    Link link = Link.newBuilder()
        .setTraceId(bytes("0af7651916cd43dd8448eb211c80319c"))
        .setSpanId(bytes("b7ad6b7169203331"))
        .addAttributes(attribute("day", "1"))
        .build();
    return ResourceSpans.newBuilder()
        .setResource(Resource.newBuilder()
            .addAttributes(attribute("service.name", "payments"))
            .addAttributes(attribute("service.instance.id", "payments-1")))
        .addScopeSpans(ScopeSpans.newBuilder()
            .addSpans(io.opentelemetry.proto.trace.v1.Span.newBuilder()
                .setTraceId(bytes(trace))
                .setSpanId(bytes("00f067aa0ba902b7"))
                .setName("process shop.charges")
                .setKind(SpanKind.SPAN_KIND_CONSUMER)
                .setStartTimeUnixNano(1_750_000_000_000_000_000L)
                .setEndTimeUnixNano(1_750_000_000_002_000_000L)
                .setStatus(Status.newBuilder()
                    .setCode(StatusCode.STATUS_CODE_ERROR)
                    .setMessage("no such order"))
                .addLinks(link)))
        .build();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static List<String> lowerCase(List<String> lines) {
    return lines.stream().map(line -> line.toLowerCase(Locale.ROOT)).toList();
  }

  private static void skipWithout(Optional<String> missing) {
    missing.ifPresent(why -> {
      System.err.println("SKIPPED ObservedOrderTest: " + why);
      Assumptions.abort(why);
    });
  }
}
