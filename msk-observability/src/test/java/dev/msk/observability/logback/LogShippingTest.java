package dev.msk.observability.logback;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.observability.Recorded;
import io.opentelemetry.api.trace.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** What {@code docs/logs.md} tells shippers to look for is in the lines, where it says. */
final class LogShippingTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern BLOCK = Pattern.compile("(?s)```(\\w+)\n(.*?)```");
  private static final Pattern STAGE =
      Pattern.compile("(?s)stage\\.(\\w+) \\{\\s+(?:expressions|values) = \\{(.*?)\n    }");
  private static final Pattern ASSIGNED = Pattern.compile("(\\w+)\\s+= \"((?:[^\"\\\\]|\\\\.)*)\"");

  private final Recorded recorded = new Recorded();
  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private Span span;
  private JsonNode line;

  @BeforeEach
  void log() throws IOException {
    context.setMDCAdapter((LogbackMDCAdapter) MDC.getMDCAdapter());
    EcsEncoder encoder = new EcsEncoder();
    encoder.setContext(context);
    encoder.setServiceName("orders");
    encoder.setServiceVersion("1.4.2");
    encoder.setServiceEnvironment("production");
    encoder.setEventDataset("orders.log");
    encoder.start();
    OutputStreamAppender<ILoggingEvent> stdout = new OutputStreamAppender<>();
    stdout.setContext(context);
    stdout.setEncoder(encoder);
    stdout.setOutputStream(written);
    stdout.start();
    Logger log = context.getLogger("shop.Orders");
    log.addAppender(stdout);
    span = recorded.sdk().getTracer("shop").spanBuilder("place").startSpan();
    try (var trace = span.makeCurrent();
        Scope call = CallContext.builder().correlationId("flow-1").build().makeCurrent()) {
      log.error("Order {} refused", 4711, new IllegalStateException("no stock"));
    }
    line = JSON.readTree(written.toString(StandardCharsets.UTF_8));
  }

  @AfterEach
  void stop() {
    span.end();
    context.stop();
    recorded.close();
  }

  @Test
  void everyFieldOfTheTemplate_isInALine() throws Exception {
    JsonNode template = JSON.readTree(blocks("json").get(0));
    JsonNode fields = template.path("template").path("mappings").path("properties");

    assertThat(fields).hasSize(15);
    fields
        .fieldNames()
        .forEachRemaining(
            name -> assertThat(line.path(name).isMissingNode()).as(name).isFalse());
    line.fieldNames().forEachRemaining(name -> {
      if (!name.equals("ecs.version")) {
        assertThat(fields.has(name)).as(name).isTrue();
      }
    });
    assertThat(line.path("labels").isObject()).isTrue();
    assertThat(OffsetDateTime.parse(line.path("@timestamp").asText()).getOffset())
        .isEqualTo(ZoneOffset.UTC);
  }

  @Test
  void query_asksForTheTraceOfALine() throws Exception {
    JsonNode query = JSON.readTree(blocks("json").get(1));

    assertThat(query.path("query").path("term").path("trace.id").asText()).matches("[0-9a-f]{32}");
    assertThat(line.path("trace.id").asText()).matches("[0-9a-f]{32}");
  }

  @Test
  void expressionsOfAlloy_findWhatTheyName() throws Exception {
    Map<String, String> found = new TreeMap<>();
    stage("json").forEach((name, expression) -> found.put(name, jmesPath(expression)));

    assertThat(OffsetDateTime.parse(found.remove("time"))).isNotNull();
    assertThat(found)
        .containsExactlyInAnyOrderEntriesOf(Map.of(
            "level", "ERROR",
            "service", "orders",
            "env", "production",
            "trace_id", span.getSpanContext().getTraceId(),
            "span_id", span.getSpanContext().getSpanId(),
            "correlation_id", "flow-1"));
  }

  @Test
  void streamsOfLoki_areMadeOfFewValues_andIdsAreNoLabels() throws Exception {
    assertThat(stage("labels")).containsOnlyKeys("service", "env", "level");
    assertThat(stage("structured_metadata"))
        .containsOnlyKeys("trace_id", "span_id", "correlation_id");
    assertThat(stage("json").keySet())
        .containsAll(stage("labels").keySet())
        .containsAll(stage("structured_metadata").keySet());
  }

  /** As much of JMESPath as the page uses: names in quotes or without, and dots between them. */
  private String jmesPath(String expression) {
    JsonNode at = line;
    Matcher name = Pattern.compile("\"([^\"]+)\"|(\\w+)").matcher(expression);
    while (name.find()) {
      at = at.path(name.group(1) == null ? name.group(2) : name.group(1));
    }
    return at.asText();
  }

  private static Map<String, String> stage(String wanted) throws IOException {
    Matcher stage = STAGE.matcher(blocks("alloy").get(0));
    while (stage.find()) {
      if (stage.group(1).equals(wanted)) {
        Map<String, String> all = new TreeMap<>();
        Matcher one = ASSIGNED.matcher(stage.group(2));
        while (one.find()) {
          all.put(one.group(1), one.group(2).replace("\\\"", "\""));
        }
        return all;
      }
    }
    throw new AssertionError("no stage." + wanted);
  }

  private static List<String> blocks(String language) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(Path.of("docs/logs.md")));
    while (block.find()) {
      if (block.group(1).equals(language)) {
        blocks.add(block.group(2));
      }
    }
    return blocks;
  }
}
