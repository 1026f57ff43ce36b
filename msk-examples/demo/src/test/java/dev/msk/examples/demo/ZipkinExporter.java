package dev.msk.examples.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span.Link;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Sends spans to Zipkin, in the only format that it takes, as OpenTelemetry's specification maps them. Links, for which neither has
 * a place, become tags {@code otlp.link.0}, {@code otlp.link.1} …, as the exporter of the OpenTelemetry Collector writes them.
 * Thread-safe.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/">OpenTelemetry to Zipkin transformation</a>
 */
final class ZipkinExporter implements Consumer<ResourceSpans> {

  private static final Set<String> KINDS = Set.of("CLIENT", "SERVER", "PRODUCER", "CONSUMER");

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final URI spans;

  ZipkinExporter(URI zipkin) {
    this.spans = zipkin.resolve("/api/v2/spans");
  }

  /** What Zipkin did not take, and why. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  @Override
  public void accept(ResourceSpans process) {
    Map<String, String> resource = Collector.attributes(process.getResource().getAttributesList());
    String service = resource.remove("service.name");
    ArrayNode all = json.createArrayNode();
    process
        .getScopeSpansList()
        .forEach(scope -> scope
            .getSpansList()
            .forEach(span -> all.add(zipkin(service, resource, scope.getScope(), span))));
    try {
      HttpResponse<String> answer = http.send(
          HttpRequest.newBuilder(spans)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(all.toString()))
              .build(),
          HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 202) {
        failures.add(answer.statusCode() + " " + answer.body());
      }
    } catch (IOException e) {
      failures.add(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ObjectNode zipkin(
      String service,
      Map<String, String> resource,
      InstrumentationScope scope,
      io.opentelemetry.proto.trace.v1.Span span) {
    long start = span.getStartTimeUnixNano();
    ObjectNode node = json.createObjectNode()
        .put("traceId", Collector.hex(span.getTraceId()))
        .put("id", Collector.hex(span.getSpanId()))
        .put("name", span.getName())
        .put("timestamp", micros(start))
        // Zipkin takes 0 for unknown.
        .put("duration", Math.max(1, micros(span.getEndTimeUnixNano() - start)));
    if (!span.getParentSpanId().isEmpty()) {
      node.put("parentId", Collector.hex(span.getParentSpanId()));
    }
    String kind = span.getKind().name().replace("SPAN_KIND_", "");
    if (KINDS.contains(kind)) {
      node.put("kind", kind);
    }
    node.putObject("localEndpoint").put("serviceName", service);
    Map<String, String> attributes = Collector.attributes(span.getAttributesList());
    if (kind.equals("CLIENT") || kind.equals("PRODUCER")) {
      Stream.of("peer.service", "server.address")
          .filter(attributes::containsKey)
          .findFirst()
          .ifPresent(
              peer -> node.putObject("remoteEndpoint").put("serviceName", attributes.get(peer)));
    }
    ObjectNode tags = node.putObject("tags");
    resource.forEach(tags::put);
    attributes.forEach(tags::put);
    tags.put("otel.scope.name", scope.getName());
    status(tags, span);
    links(tags, span.getLinksList());
    ArrayNode annotations = node.putArray("annotations");
    span.getEventsList()
        .forEach(event -> annotations
            .addObject()
            .put("timestamp", micros(event.getTimeUnixNano()))
            .put("value", "\"" + event.getName() + "\": " + object(event.getAttributesList())));
    return node;
  }

  private static void status(ObjectNode tags, io.opentelemetry.proto.trace.v1.Span span) {
    StatusCode code = span.getStatus().getCode();
    if (code != StatusCode.STATUS_CODE_UNSET) {
      tags.put("otel.status_code", code.name().replace("STATUS_CODE_", ""));
    }
    if (code == StatusCode.STATUS_CODE_ERROR) {
      tags.put("error", span.getStatus().getMessage());
    }
  }

  private void links(ObjectNode tags, List<Link> links) {
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      tags.put(
          "otlp.link." + i,
          String.join(
              "|",
              Collector.hex(link.getTraceId()),
              Collector.hex(link.getSpanId()),
              link.getTraceState(),
              object(link.getAttributesList()),
              String.valueOf(link.getDroppedAttributesCount())));
    }
  }

  private String object(List<KeyValue> attributes) {
    return json.valueToTree(Collector.attributes(attributes)).toString();
  }

  private static long micros(long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }
}
