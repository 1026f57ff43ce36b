package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.CallContext;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Every arrow of the table is taken, and the diagram in the documents is the table. */
class CallTransitionTest {

  private static final Path DOCUMENT = Path.of("docs", "calls.md");

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final CallPolicy policy = CallPolicy.builder("orders")
      .bulkhead(1)
      .ticker(ManualTime.create())
      .telemetry(telemetry)
      .build();

  @Test
  void diagram_isGeneratedFromTheTable() throws Exception {
    assertThat(Files.readString(DOCUMENT))
        .as("docs/calls.md must contain:\n" + CallTransition.toMermaid())
        .contains("```mermaid\n" + CallTransition.toMermaid() + "```");
  }

  @Test
  void everyArrow_isTaken() {
    start().done(Outcome.ok());
    start().done(Outcome.cancelled());
    ((RetryAfter) start().done(Outcome.failed())).cancel();
    RetryAfter after = (RetryAfter) start().done(Outcome.failed());
    ((Attempt) after.acquire()).done(Outcome.failed().retryAfter(Duration.ofMillis(-1)));
    RetryAfter hindered = (RetryAfter) start().done(Outcome.failed());
    Attempt other = start();
    assertThat(hindered.acquire()).isInstanceOf(Refused.class);
    assertThat(policy.acquire(CallSpec.once())).isInstanceOf(Refused.class);
    other.done(Outcome.ok());

    for (CallTransition transition : CallTransition.values()) {
      assertThat(telemetry.count("msk.call.transitions", "orders", transition.name()))
          .as(transition.name())
          .isPositive();
    }
  }

  @Test
  void everyArrow_leadsSomewhereElse_andEndsWhereNothingBegins() {
    for (CallTransition transition : CallTransition.values()) {
      assertThat(transition.from().isFinal()).as(transition.name()).isFalse();
      assertThat(transition.to()).isNotEqualTo(transition.from());
    }
  }

  private Attempt start() {
    return (Attempt) policy.acquire(CallSpec.repeatable(), CallContext.empty());
  }
}
