package dev.msk.benchmarks.observability;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineBenchmarkTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final LoggerContext context = new LoggerContext();

  @ParameterizedTest
  @ValueSource(strings = {LineBenchmark.PLAIN, LineBenchmark.EXCEPTION})
  void lines_areJson_andSayTheSame(String event) throws IOException {
    ILoggingEvent logged =
        event.equals(LineBenchmark.PLAIN) ? LogEvents.accepted(context) : LogEvents.failed(context);
    for (String contender : Lines.contenders().values()) {
      JsonNode line = line(contender, logged);

      assertThat(OffsetDateTime.parse(text(line, "@timestamp")).toInstant().toEpochMilli())
          .as(contender)
          .isEqualTo(logged.getTimeStamp());
      assertThat(text(line, "message")).as(contender).isEqualTo(LogEvents.MESSAGE);
      assertThat(text(line, "log.level", "level"))
          .as(contender)
          .isEqualTo(logged.getLevel().toString());
      assertThat(text(line, "log.logger", "logger_name")).as(contender).isEqualTo(LogEvents.LOGGER);
      assertThat(text(line, "process.thread.name", "thread_name"))
          .as(contender)
          .isEqualTo(Thread.currentThread().getName());
      assertThat(text(line, "trace.id", "trace_id")).as(contender).isEqualTo(LogEvents.TRACE);
      assertThat(text(line, "span.id", "span_id")).as(contender).isEqualTo(LogEvents.SPAN);
      assertThat(text(line, "service.name")).as(contender).isEqualTo("orders");
      assertThat(text(line, "service.version")).as(contender).isEqualTo("1.4.2");
      assertThat(text(line, "service.environment")).as(contender).isEqualTo("production");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ours", "ecs", "logstash"})
  void exception_isThereWithItsCauseAndAllFrames(String contender) throws IOException {
    String trace =
        text(line(contender, LogEvents.failed(context)), "error.stack_trace", "stack_trace");

    assertThat(trace)
        .contains("java.lang.IllegalStateException: order not stored")
        .contains("Caused by: java.lang.IllegalArgumentException: no such customer");
    assertThat(trace.split("LogEvents\\.failure", -1)).hasSizeGreaterThan(30);
    assertThat(trace.split("LogEvents\\.refusal", -1)).hasSizeGreaterThan(30);
  }

  private JsonNode line(String contender, ILoggingEvent event) throws IOException {
    byte[] line = Encoders.of(contender, context).encode(event);

    assertThat(new String(line, StandardCharsets.UTF_8).stripTrailing().lines()).hasSize(1);
    return JSON.readTree(line);
  }

  /** A member that is called so or so. */
  private static String text(JsonNode line, String... names) {
    return Stream.of(names)
        .map(line::get)
        .filter(member -> member != null)
        .findFirst()
        .orElseThrow(() -> new AssertionError(String.join(", ", names) + " in " + line))
        .asText();
  }
}
