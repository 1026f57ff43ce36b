package dev.msk.observability.agent;

import static dev.msk.observability.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.ChildProcess;
import dev.msk.observability.agent.OtlpReceiver.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A JVM with OpenTelemetry's Java agent: what it exported and printed until it ended, when the agent sends what it still has. */
record AgentRun(List<Span> spans, List<String> output) {

  private static final Path AGENT = Path.of(System.getProperty("msk.javaagent", "no-agent"));

  /** Skips the test, and says so, where the agent has not been fetched. */
  static void requireAgent(Class<?> test) {
    if (!Files.isReadable(AGENT)) {
      String missing = AGENT + " is missing (24 MB; get it by ./mvnw -Pheavy verify)";
      System.err.println("SKIPPED " + test.getSimpleName() + ": " + missing);
      Assumptions.abort(missing);
    }
  }

  static AgentRun of(Class<?> main, List<String> arguments, String... settings) throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver()) {
      List<String> jvm = new ArrayList<>(List.of(
          "-javaagent:" + AGENT,
          "-Dotel.service.name=shop",
          "-Dotel.exporter.otlp.protocol=http/protobuf",
          "-Dotel.exporter.otlp.endpoint=" + receiver.endpoint(),
          "-Dotel.metrics.exporter=none",
          "-Dotel.logs.exporter=none",
          "-Dotel.bsp.schedule.delay=100",
          "-XX:TieredStopAtLevel=1"));
      jvm.addAll(List.of(settings));
      try (ChildProcess process = ChildProcess.builder("with-java-agent")
          .main(main.getName(), arguments.toArray(String[]::new))
          .jvmArgs(jvm.toArray(String[]::new))
          .start()) {
        eventually("the process has ended", () -> !process.isAlive());
        List<String> output = Files.readAllLines(process.logFile());
        assertThat(process.exitCode()).as(String.join("\n", output)).isZero();
        return new AgentRun(receiver.spans(), output);
      }
    }
  }

  Span span(String kind, String name) {
    return only(spans.stream()
        .filter(span -> span.kind().equals(kind) && span.name().equals(name))
        .toList());
  }

  Span spanBelow(Span parent, String kind) {
    return only(spans.stream()
        .filter(span -> span.kind().equals(kind) && span.parentId().equals(parent.spanId()))
        .toList());
  }

  private Span only(List<Span> found) {
    assertThat(found).as("among %s", spans).hasSize(1);
    return found.get(0);
  }
}
