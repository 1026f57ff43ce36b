package dev.msk.observability.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.observability.agent.OtlpReceiver.Span;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * OpenTelemetry's Java agent in front of our adapters, seen from what it exports. Slow, since it starts three JVMs, and each is
 * instrumented as it starts.
 */
final class JavaAgentTest {

  private static final String OURS = "dev.msk";

  private static AgentRun asItComes;

  @BeforeAll
  static void runWithTheAgentAsItComes() throws Exception {
    AgentRun.requireAgent(JavaAgentTest.class);
    asItComes = run();
  }

  @Test
  void calls_areTheAgentsSpans_andOperationsOfBlocksAreOurs_inOneTrace() {
    AgentRun run = asItComes;

    Span order = run.span("INTERNAL", "shop.order.place");
    Span sent = run.spanBelow(order, "CLIENT");
    Span served = run.spanBelow(sent, "SERVER");
    Span step = run.spanBelow(served, "INTERNAL");
    Span called = run.spanBelow(step, "CLIENT");
    Span answered = run.spanBelow(called, "SERVER");
    Span stock = run.spanBelow(answered, "INTERNAL");
    assertThat(run.spans()).hasSize(7);
    assertThat(run.spans()).extracting(Span::traceId).containsOnly(order.traceId());
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
    assertThat(asItComes.output())
        .contains(
            "measured http.client.request.duration",
            "measured http.server.request.duration",
            "measured rpc.client.call.duration",
            "measured rpc.server.call.duration",
            "measured msk.saga.step.duration");
  }

  @Test
  void instrumentationThatIsOff_leavesItsCallsToUs() throws Exception {
    AgentRun run = run("-Dotel.instrumentation.grpc.enabled=false");

    Span step = run.span("INTERNAL", "place-order reserve");
    Span called = run.spanBelow(step, "CLIENT");
    Span answered = run.spanBelow(called, "SERVER");
    assertThat(run.spans()).hasSize(7);
    assertThat(List.of(called, answered)).extracting(Span::scope).containsOnly(OURS);
    assertThat(run.spanBelow(answered, "INTERNAL").name()).isEqualTo("shop.stock.take");
  }

  @Test
  void agentThatIsOff_exportsNothing_andDisturbsNothing() throws Exception {
    AgentRun run = run("-Dotel.javaagent.enabled=false");

    assertThat(run.spans()).isEmpty();
    assertThat(run.output()).contains("measured http.server.request.duration");
  }

  private static AgentRun run(String... settings) throws Exception {
    return AgentRun.of(InstrumentedShop.class, List.of(), settings);
  }
}
