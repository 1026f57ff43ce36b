package dev.msk.observability.logback;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.Recorded;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

final class EcsEncoderTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SERVICE = """
      <serviceName>orders</serviceName>
      <serviceVersion>1.4.2</serviceVersion>
      <serviceEnvironment>production</serviceEnvironment>
      <eventDataset>orders.log</eventDataset>
      """;

  private static final String ASYNC = """
      <appender name="ASYNC" class="ch.qos.logback.classic.AsyncAppender">
        <filter class="dev.msk.observability.logback.CaptureContext"/>
        <appender-ref ref="JSON"/>
      </appender>
      """;

  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @AfterEach
  void stop() {
    context.stop();
    MDC.clear();
  }

  @Test
  void line_hasTheFieldsOfEcs_inItsOrder() throws IOException {
    Instant before = Instant.now().minusMillis(1);

    configured(SERVICE).info("Order {} accepted", 4711);

    JsonNode line = line();
    assertThat(fields(line))
        .containsExactly(
            "@timestamp",
            "log.level",
            "message",
            "ecs.version",
            "service.name",
            "service.version",
            "service.environment",
            "event.dataset",
            "process.thread.name",
            "log.logger");
    assertThat(Instant.parse(line.get("@timestamp").asText())).isBetween(before, Instant.now());
    assertThat(line.get("log.level").asText()).isEqualTo("INFO");
    assertThat(line.get("message").asText()).isEqualTo("Order 4711 accepted");
    assertThat(line.get("ecs.version").asText()).isEqualTo("8.11");
    assertThat(line.get("service.name").asText()).isEqualTo("orders");
    assertThat(line.get("process.thread.name").asText())
        .isEqualTo(Thread.currentThread().getName());
    assertThat(line.get("log.logger").asText()).isEqualTo("shop.Orders");
    assertThat(written.toString(StandardCharsets.UTF_8)).endsWith("}\n").doesNotContain("\n{");
  }

  @Test
  void line_hasTheCurrentSpan_andTheCorrelationId() throws IOException {
    Logger log = configured("");
    SpanRef span = inSpan(() -> log.info("inside"));
    log.info("outside");

    JsonNode inside = lines().get(0);
    assertThat(inside.get("trace.id").asText()).isEqualTo(span.traceId());
    assertThat(inside.get("span.id").asText()).isEqualTo(span.spanId());
    assertThat(inside.get("labels").get("correlation_id").asText()).isEqualTo("flow-1");
    assertThat(fields(lines().get(1))).doesNotContain("trace.id", "span.id", "labels");
  }

  @Test
  void agentsMdc_isTheTrace_andOtherMdcAndPairsAreLabels() throws IOException {
    Logger log = configured("");
    MDC.put("trace_id", "0af7651916cd43dd8448eb211c80319c");
    MDC.put("span_id", "b7ad6b7169203331");
    MDC.put("trace_flags", "01");
    MDC.put("tenant", "eu");

    log.atInfo().addKeyValue("order", 4711).log("accepted");

    JsonNode line = line();
    assertThat(line.get("trace.id").asText()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    assertThat(line.get("span.id").asText()).isEqualTo("b7ad6b7169203331");
    assertThat(line.get("labels"))
        .isEqualTo(JSON.readTree("{\"tenant\":\"eu\",\"order\":\"4711\"}"));
  }

  @Test
  void asyncAppender_keepsTheContext_withItsFilter() throws IOException {
    Logger log = configured("", true);

    SpanRef span = inSpan(() -> log.info("inside"));
    context.stop();

    JsonNode line = line();
    assertThat(line.get("trace.id").asText()).isEqualTo(span.traceId());
    assertThat(line.get("span.id").asText()).isEqualTo(span.spanId());
    assertThat(line.get("labels")).isEqualTo(JSON.readTree("{\"correlation_id\":\"flow-1\"}"));
  }

  @Test
  void exception_isErrorFields_withCauseAndSuppressed() throws IOException {
    IllegalStateException error =
        new IllegalStateException("no stock", new IllegalArgumentException("sku"));
    error.addSuppressed(new IOException("close"));

    configured("").error("failed", error);

    JsonNode line = line();
    assertThat(line.get("error.type").asText()).isEqualTo("java.lang.IllegalStateException");
    assertThat(line.get("error.message").asText()).isEqualTo("no stock");
    assertThat(line.get("error.stack_trace").asText())
        .startsWith("java.lang.IllegalStateException: no stock\n\tat dev.msk.observability.logback")
        .contains("\n\tSuppressed: java.io.IOException: close\n")
        .contains("\nCaused by: java.lang.IllegalArgumentException: sku\n")
        .contains(" more\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer hunter2hunter2",
        "headers {authorization=Basic hunter2hunter2, accept=json}",
        "{\"authorization\":\"DPoP hunter2hunter2\"}",
        "sent BEARER hunter2hunter2 on",
        "password=hunter2hunter2",
        "{\"password\": \"correct \\\" hunter2hunter2 battery\", \"user\": \"me\"}",
        "db.passwd : 'hunter2hunter2 staple'",
        "client_secret=hunter2hunter2&grant_type=x",
        "access_token=hunter2hunter2",
        "refreshToken: hunter2hunter2",
        "api-key = hunter2hunter2",
        "Set-Cookie: hunter2hunter2; Secure",
        "got eyJhbGciOiJub25lhunter2hunter2.eyJzdWIiOiIxIn0.c2ln",
        "jdbc:postgresql://me:hunter2hunter2@db/orders"
      })
  void secret_isMasked_inMessageExceptionMdcAndPairs(String text) throws IOException {
    Logger log = configured("");
    MDC.put("note", text);

    log.atWarn()
        .addKeyValue("detail", text)
        .setCause(new IllegalStateException(text, new IllegalArgumentException(text)))
        .log(text);

    JsonNode line = line();
    assertThat(line.toString()).doesNotContain("hunter2").contains("***");
    assertThat(line.get("error.type").asText()).isEqualTo("java.lang.IllegalStateException");
  }

  @Test
  void secretKey_hidesItsValue_whateverItIs() throws IOException {
    Logger log = configured("");
    MDC.put("sessionToken", "plain");

    log.atInfo().addKeyValue("userPassword", "plain").log("x");

    assertThat(line().get("labels"))
        .isEqualTo(JSON.readTree("{\"sessionToken\":\"***\",\"userPassword\":\"***\"}"));
  }

  @Test
  void textWithoutSecrets_isLeftAlone() throws IOException {
    String text = "Order 4711: 3 tokens left, ratio=0.5, see https://shop.example/orders?id=1";

    configured("").info(text);

    assertThat(line().get("message").asText()).isEqualTo(text);
  }

  @Test
  void maskPattern_ofTheConfiguration_isAdded() throws IOException {
    configured("<maskPattern>iban ([A-Z]{2}[0-9]{20})</maskPattern>")
        .info("iban DE89370400440532013000 ok");

    assertThat(line().get("message").asText()).isEqualTo("iban *** ok");
  }

  @Test
  void hugeMessageAndTrace_areCut() throws IOException {
    Logger log = configured("");

    log.error("x".repeat(10_000_000), new IllegalStateException("y".repeat(10_000_000)));

    assertThat(line().get("message").asText()).hasSize(16_384 + "... cut at 16384".length());
    assertThat(line().get("error.stack_trace").asText()).hasSizeLessThan(33_000);
    assertThat(written.size()).isLessThan(70_000);
  }

  @Test
  @Timeout(30)
  void hostileText_isEncodedInLinearTime() throws IOException {
    Logger log = configured("<maxMessageLength>1000000</maxMessageLength>");
    List<String> hostile = List.of(
        "password=\"" + "\\a".repeat(400_000),
        "a.b-".repeat(250_000),
        "authorization ".repeat(70_000),
        "eyJ".repeat(300_000),
        "://a:".repeat(200_000));

    hostile.forEach(log::info);

    assertThat(lines()).hasSize(hostile.size());
  }

  @Test
  void hostileCharacters_areOneLineOfValidJson() throws IOException {
    configured("")
        .info("a\nb\t\u0000\u2028\"\\ half \ud83d pair \ud83d\ude00 {}", "log4j ${jndi:x}");

    assertThat(line().get("message").asText())
        .isEqualTo("a\nb\t\u0000\u2028\"\\ half ? pair \ud83d\ude00 log4j ${jndi:x}");
    assertThat(written.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
  }

  @Test
  void textOfAllKinds_isUtf8() throws IOException {
    String text = "\u007f \u00e9 \u20ac \ud83d\ude00 \ufffd " + "\u0416".repeat(5_000);

    configured("").info(text);

    assertThat(line().get("message").asText()).isEqualTo(text);
  }

  /** A buffer that is used again must not show what a longer line left in it. */
  @Test
  void linesOneAfterTheOther_haveNothingOfEachOther() throws IOException {
    Logger log = configured("");

    log.error("x".repeat(5_000), new IllegalStateException("y"));
    log.info("short");
    log.info("z".repeat(16_000));
    log.info("short");

    assertThat(lines()).hasSize(4);
    assertThat(fields(lines().get(1)))
        .isEqualTo(fields(lines().get(3)))
        .doesNotContain("error.type");
    assertThat(lines().get(1).get("message").asText()).isEqualTo("short");
    assertThat(lines().get(3).get("message").asText()).isEqualTo("short");
  }

  @Test
  void linesOfSeveralThreads_areTheirOwn() throws Exception {
    Logger log = configured("");
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String word = "word-" + i + " ".repeat(i * 500);
      Thread thread = new Thread(() -> {
        for (int n = 0; n < 500; n++) {
          log.info(word);
        }
      });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    Map<String, Long> counts = lines().stream()
        .collect(Collectors.groupingBy(
            line -> line.get("message").asText().strip(), Collectors.counting()));
    assertThat(counts)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("word-0", 500L, "word-1", 500L, "word-2", 500L, "word-3", 500L));
  }

  @Test
  void pairWithAKeyOfTheMdc_replacesIt() throws IOException {
    Logger log = configured("");
    MDC.put("tenant", "eu");

    log.atInfo()
        .addKeyValue("tenant", "us")
        .addKeyValue("order", 1)
        .addKeyValue("order", 2)
        .log("x");

    assertThat(line().get("labels"))
        .isEqualTo(JSON.readTree("{\"tenant\":\"us\",\"order\":\"2\"}"));
    assertThat(written.toString(StandardCharsets.UTF_8)).doesNotContain("eu");
  }

  @Test
  void stackTrace_isCutAtItsBound_toTheCharacter() throws IOException {
    configured("<maxStackTraceLength>100</maxStackTraceLength>")
        .error("failed", new IllegalStateException("y".repeat(200)));

    assertThat(line().get("error.stack_trace").asText())
        .isEqualTo(
            "java.lang.IllegalStateException: " + "y".repeat(67) + "\n... cut at 100 characters");
  }

  @Test
  void throwingToString_losesNoLine() throws IOException {
    Object hostile = new Object() {
      @Override
      public String toString() {
        throw new IllegalStateException("expected by the test");
      }
    };

    configured("").atInfo().addKeyValue("thing", hostile).log("with {}", hostile);

    assertThat(line().get("labels").get("thing").asText()).contains("toString() failed");
  }

  @Test
  void manyLabels_areBounded() throws IOException {
    var event = configured("").atInfo();
    for (int i = 0; i < 1000; i++) {
      event = event.addKeyValue("k" + i, "v".repeat(10_000));
    }

    event.log("x");

    assertThat(line().get("labels")).hasSize(64);
    assertThat(written.size()).isLessThan(80_000);
  }

  private SpanRef inSpan(Runnable work) {
    try (Recorded recorded = new Recorded();
        Operation operation = MskTelemetry.of(recorded.sdk(), new SimpleMeterRegistry())
            .operation(
                OperationSpec.builder("shop.order", OperationKind.INTERNAL).build())
            .bind()
            .start(TelemetryContext.root());
        Scope traced = operation.makeCurrent();
        Scope called = CallContext.builder().correlationId("flow-1").build().makeCurrent()) {
      work.run();
      return operation.context().span().orElseThrow();
    }
  }

  private Logger configured(String settings) {
    return configured(settings, false);
  }

  /** Configured by XML as a service does it, but for the stream. */
  private Logger configured(String settings, boolean async) {
    String xml = """
        <configuration>
          <appender name="JSON" class="%s">
            <encoder class="dev.msk.observability.logback.EcsEncoder">
              %s
            </encoder>
          </appender>
          %s
          <root level="INFO">
            <appender-ref ref="%s"/>
          </root>
        </configuration>
        """.formatted(
            ToMemory.class.getName(), settings, async ? ASYNC : "", async ? "ASYNC" : "JSON");
    ToMemory.target = written;
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    } catch (ch.qos.logback.core.joran.spi.JoranException e) {
      throw new AssertionError(e);
    }
    context.setMDCAdapter((ch.qos.logback.classic.util.LogbackMDCAdapter) MDC.getMDCAdapter());
    assertThat(context.getStatusManager().getCopyOfStatusList())
        .noneMatch(status -> status.getEffectiveLevel() >= ch.qos.logback.core.status.Status.WARN);
    return context.getLogger("shop.Orders");
  }

  private JsonNode line() throws IOException {
    assertThat(lines()).hasSize(1);
    return lines().get(0);
  }

  private List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : written.toString(StandardCharsets.UTF_8).split("\n", -1)) {
      if (!line.isEmpty()) {
        lines.add(JSON.readTree(line));
      }
    }
    return lines;
  }

  private static List<String> fields(JsonNode line) {
    List<String> names = new ArrayList<>();
    line.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** An appender to the test's buffer, which configuration by XML cannot name. */
  public static final class ToMemory
      extends OutputStreamAppender<ch.qos.logback.classic.spi.ILoggingEvent> {

    private static ByteArrayOutputStream target = new ByteArrayOutputStream();

    @Override
    public void start() {
      setOutputStream(target);
      super.start();
    }
  }
}
