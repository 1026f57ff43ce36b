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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenTelemetry's Java agent in front of our adapters, in a JVM of its own, seen from what it exports. */
final class JavaAgentTest {

  private static final Path AGENT = Path.of(System.getProperty("msk.javaagent", "no-agent"));
  private static final String OURS = "dev.msk";

  private static Run asItComes;

  @BeforeAll
  static void runWithTheAgentAsItComes() throws Exception {
    if (!Files.isReadable(AGENT)) {
      String missing = AGENT + " is missing (24 MB; get it by ./mvnw -Pheavy verify)";
      System.err.println("SKIPPED JavaAgentTest: " + missing);
      Assumptions.abort(missing);
    }
    asItComes = run();
  }

  @Test
  void calls_areTheAgentsSpans_andOperationsOfBlocksAreOurs_inOneTrace() {
    Run run = asItComes;

    Span order = run.span("INTERNAL", "shop.order.place");
    Span sent = run.spanBelow(order, "CLIENT");
    Span served = run.spanBelow(sent, "SERVER");
    Span step = run.spanBelow(served, "INTERNAL");
    Span called = run.spanBelow(step, "CLIENT");
    Span answered = run.spanBelow(called, "SERVER");
    Span stock = run.spanBelow(answered, "INTERNAL");
    assertThat(run.spans).hasSize(7);
    assertThat(run.spans).extracting(Span::traceId).containsOnly(order.traceId());
    assertThat(List.of(order, step, stock)).extracting(Span::scope).containsOnly(OURS);
    assertThat(List.of(sent, served, called, answered))
        .extracting(Span::scope)
        .allMatch(scope -> scope.startsWith("io.opentelemetry."));
    assertThat(step.name()).isEqualTo("place-order reserve");
    assertThat(stock.name()).isEqualTo("shop.stock.take");
    assertThat(called.name()).isEqualTo("shop.Inventory/Reserve");
  }

  @Test
  void durations_areStillMeasured() {
    assertThat(asItComes.output)
        .contains(
            "measured http.client.request.duration",
            "measured http.server.request.duration",
            "measured rpc.client.call.duration",
            "measured rpc.server.call.duration",
            "measured msk.saga.step.duration");
  }

  @Test
  void instrumentationThatIsOff_leavesItsCallsToUs() throws Exception {
    Run run = run("-Dotel.instrumentation.grpc.enabled=false");

    Span step = run.span("INTERNAL", "place-order reserve");
    Span called = run.spanBelow(step, "CLIENT");
    Span answered = run.spanBelow(called, "SERVER");
    assertThat(run.spans).hasSize(7);
    assertThat(List.of(called, answered)).extracting(Span::scope).containsOnly(OURS);
    assertThat(run.spanBelow(answered, "INTERNAL").name()).isEqualTo("shop.stock.take");
  }

  @Test
  void agentThatIsOff_exportsNothing_andDisturbsNothing() throws Exception {
    Run run = run("-Dotel.javaagent.enabled=false");

    assertThat(run.spans).isEmpty();
    assertThat(run.output).contains("measured http.server.request.duration");
  }

  private static Run run(String... more) throws Exception {
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
      jvm.addAll(List.of(more));
      try (ChildProcess shop = ChildProcess.builder("instrumented-shop")
          .main(InstrumentedShop.class.getName())
          .jvmArgs(jvm.toArray(String[]::new))
          .start()) {
        eventually("the shop has closed", () -> !shop.isAlive());
        List<String> output = Files.readAllLines(shop.logFile());
        assertThat(shop.exitCode()).as(String.join("\n", output)).isZero();
        return new Run(receiver.spans(), output);
      }
    }
  }

  /** What a shop exported and printed until it ended, when the agent sends what it still has. */
  private record Run(List<Span> spans, List<String> output) {

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
}
