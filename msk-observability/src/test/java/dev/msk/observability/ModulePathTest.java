package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A consumer of ours on the module path, compiled and run against what the modules export. */
final class ModulePathTest {

  private static final String USES_EXPORTS = """
      package consumer;

      import dev.msk.core.jackson.JacksonCodec;
      import dev.msk.messaging.EventEnvelope;
      import dev.msk.messaging.Events;
      import dev.msk.messaging.Outbox;
      import dev.msk.messaging.jdbc.PostgresOutboxStore;

      public final class Main {
        public static void main(String[] args) {
          EventEnvelope event = Events.of("/orders", JacksonCodec.of()).event("order.accepted", "4711", "data");
          System.out.println(Main.class.getModule().getName() + " made " + event.type() + " for " + event.orderingKey());
          System.out.println(Outbox.class.getModule().getName() + " loads " + PostgresOutboxStore.class.getSimpleName());
        }
      }
      """;

  private static final String USES_INTERNALS = """
      package consumer;

      public final class Main {
        public static void main(String[] args) {
          System.out.println(dev.msk.messaging.internal.Backoff.class);
        }
      }
      """;

  private static final String USES_TELEMETRY = """
      package consumer;

      import dev.msk.core.telemetry.CounterSpec;
      import dev.msk.observability.MskTelemetry;
      import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
      import io.opentelemetry.api.OpenTelemetry;

      public final class Main {
        public static void main(String[] args) {
          SimpleMeterRegistry registry = new SimpleMeterRegistry();
          MskTelemetry.of(OpenTelemetry.noop(), registry)
              .counter(CounterSpec.of("shop.orders", "", "{order}"))
              .bind()
              .add(3);
          System.out.println(
              MskTelemetry.class.getModule().getName() + " counted " + registry.get("shop.orders").counter().count());
        }
      }
      """;

  private static final String TELEMETRY_DESCRIPTOR = """
      module consumer {
        requires dev.msk.observability;
      }
      """;

  private static final String DESCRIPTOR = """
      module consumer {
        requires dev.msk.messaging;
        requires com.fasterxml.jackson.databind;
      }
      """;

  @TempDir
  private Path folder;

  @Test
  void consumer_ofExports_compilesAndRuns() throws Exception {
    assertThat(run(DESCRIPTOR, USES_EXPORTS))
        .contains("consumer made order.accepted for 4711")
        .contains("dev.msk.messaging loads PostgresOutboxStore");
  }

  @Test
  void consumer_ofTelemetry_needsOpenTelemetryAndMicrometerOnly() throws Exception {
    assertThat(run(TELEMETRY_DESCRIPTOR, USES_TELEMETRY))
        .contains("dev.msk.observability counted 3.0");
  }

  private String run(String descriptor, String main) throws Exception {
    StringWriter output = new StringWriter();
    assertThat(compile(descriptor, main, output)).as(output.toString()).isZero();

    Process run = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--module-path",
            modulePath() + File.pathSeparator + folder.resolve("classes"),
            "--module",
            "consumer/consumer.Main")
        .redirectErrorStream(true)
        .start();
    String printed =
        new String(run.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).as(printed).isZero();
    return printed;
  }

  @Test
  void consumer_ofInternals_isRefused() throws Exception {
    StringWriter output = new StringWriter();

    assertThat(compile(DESCRIPTOR, USES_INTERNALS, output)).isNotZero();

    assertThat(output.toString()).contains("package dev.msk.messaging.internal is not visible");
  }

  private int compile(String descriptor, String main, StringWriter output) throws IOException {
    Path source = Files.createDirectories(folder.resolve("consumer"));
    Files.writeString(folder.resolve("module-info.java"), descriptor);
    Files.writeString(source.resolve("Main.java"), main);
    PrintWriter printer = new PrintWriter(output);
    return ToolProvider.findFirst("javac")
        .orElseThrow()
        .run(
            printer,
            printer,
            "--module-path",
            modulePath(),
            "-d",
            folder.resolve("classes").toString(),
            folder.resolve("module-info.java").toString(),
            source.resolve("Main.java").toString());
  }

  /** What a modular service would have: ours and what it needs; no broker client, no test library, no SDK. */
  private static String modulePath() {
    List<String> wanted = List.of(
        "msk-core",
        "msk-messaging",
        "msk-observability",
        "jackson-",
        "slf4j-",
        "micrometer-c",
        "micrometer-observation",
        "opentelemetry-api",
        "opentelemetry-co",
        "HdrHistogram");
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> wanted.stream().anyMatch(entry::contains))
        .filter(entry -> !entry.contains("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
