package dev.msk.examples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.localservers.ZipkinServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A trace as Zipkin's API tells it: names and services are in lower case, which is how Zipkin keeps them. */
final class ZipkinTrace {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private ZipkinTrace() {}

  /** Its spans so far; none of a trace that Zipkin does not know. */
  static List<Span> spans(ZipkinServer zipkin, String trace)
      throws IOException, InterruptedException {
    URI uri = zipkin.url().resolve("/api/v2/trace/" + trace);
    HttpResponse<String> answer =
        HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    List<Span> spans = new ArrayList<>();
    if (answer.statusCode() == 200) {
      JSON.readTree(answer.body()).forEach(span -> spans.add(span(span)));
    }
    return spans;
  }

  /** What became of a span's links. */
  static List<String> links(Span span) {
    return span.attributes().entrySet().stream()
        .filter(tag -> tag.getKey().startsWith("otlp.link."))
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .toList();
  }

  private static Span span(JsonNode span) {
    long start = TimeUnit.MICROSECONDS.toNanos(span.path("timestamp").asLong());
    Map<String, String> tags = new HashMap<>();
    span.path("tags")
        .properties()
        .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
    return new Span(
        span.path("traceId").asText(),
        span.path("id").asText(),
        span.path("parentId").asText(),
        span.path("localEndpoint").path("serviceName").asText(),
        span.path("name").asText(),
        span.path("kind").asText("INTERNAL"),
        start,
        start + TimeUnit.MICROSECONDS.toNanos(span.path("duration").asLong()),
        tags);
  }
}
