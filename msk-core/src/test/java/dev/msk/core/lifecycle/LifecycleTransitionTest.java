package dev.msk.core.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.RecordingTelemetry;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Every arrow of the table is taken, and the diagram in the documents is the table. */
class LifecycleTransitionTest {

  private static final Path DOCUMENT = Path.of("docs", "lifecycle.md");

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();

  @Test
  void diagram_isGeneratedFromTheTable() throws Exception {
    assertThat(Files.readString(DOCUMENT))
        .as("docs/lifecycle.md must contain:\n" + LifecycleTransition.toMermaid())
        .contains("```mermaid\n" + LifecycleTransition.toMermaid() + "```");
  }

  @Test
  void everyArrow_isTaken() {
    lifecycle().part("a", () -> {}, () -> {}).build().start().close();
    lifecycle().build().close();
    Lifecycle fails = lifecycle()
        .part(
            "b",
            () -> {
              throw new IllegalStateException("no");
            },
            () -> {})
        .build();
    assertThatThrownBy(fails::start).isInstanceOf(LifecycleException.class);
    Lifecycle[] self = new Lifecycle[1];
    self[0] = lifecycle().part("c", () -> self[0].close(), () -> {}).build();
    assertThatThrownBy(() -> self[0].start()).isInstanceOf(LifecycleException.class);

    for (LifecycleTransition transition : LifecycleTransition.values()) {
      assertThat(telemetry.count("msk.lifecycle.transitions", "orders", transition.name()))
          .as(transition.name())
          .isPositive();
    }
  }

  private Lifecycle.Builder lifecycle() {
    return Lifecycle.builder("orders").telemetry(telemetry);
  }
}
