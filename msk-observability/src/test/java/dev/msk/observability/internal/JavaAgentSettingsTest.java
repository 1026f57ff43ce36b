package dev.msk.observability.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the agent reports by its settings; that it is one is seen in {@code JavaAgentTest}. */
final class JavaAgentSettingsTest {

  private static final List<Convention> CALLS = List.of(
      Convention.HTTP_SERVER,
      Convention.HTTP_CLIENT,
      Convention.RPC_SERVER,
      Convention.RPC_CLIENT,
      Convention.MESSAGING);

  @Test
  void agentThatIsAbsent_reportsNothing() {
    JavaAgent absent = new JavaAgent(false, Map.<String, String>of()::get);

    assertThat(CALLS).noneMatch(absent::reports);
  }

  @Test
  void agentThatIsPresent_reportsCalls_andNothingElse() {
    JavaAgent present = agent(Map.of());

    assertThat(Convention.values()).filteredOn(present::reports).containsExactlyElementsOf(CALLS);
  }

  @Test
  void agentThatIsDisabled_reportsNothing() {
    assertThat(CALLS).noneMatch(agent(Map.of("otel.javaagent.enabled", "false"))::reports);
  }

  @Test
  void instrumentationThatIsDisabled_isLeftToUs() {
    JavaAgent partial = agent(Map.of(
        "otel.instrumentation.kafka.enabled", "false",
        "otel.instrumentation.java-http-server.enabled", "false"));

    assertThat(CALLS)
        .filteredOn(partial::reports)
        .containsExactly(Convention.HTTP_CLIENT, Convention.RPC_SERVER, Convention.RPC_CLIENT);
  }

  @Test
  void instrumentationThatIsEnabledAlone_isTheAgents() {
    JavaAgent grpcOnly = agent(Map.of(
        "otel.instrumentation.common.default-enabled", "false",
        "otel.instrumentation.grpc.enabled", "true"));

    assertThat(CALLS)
        .filteredOn(grpcOnly::reports)
        .containsExactly(Convention.RPC_SERVER, Convention.RPC_CLIENT);
  }

  @Test
  void thisJvm_hasNoAgent() {
    assertThat(CALLS).noneMatch(JavaAgent.ofThisProcess()::reports);
  }

  private static JavaAgent agent(Map<String, String> settings) {
    return new JavaAgent(true, settings::get);
  }
}
