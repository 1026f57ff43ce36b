package dev.msk.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.saga.SagaFixture.Order;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SagaDefinitionTest {

  @Test
  void build_withFaults_namesThemAll() {
    assertThatThrownBy(() -> SagaDefinition.builder("Order", 0, Order.class)
            .deadline(Duration.ZERO)
            .step("reserve")
            .localRun((tx, s) -> {})
            .step("reserve")
            .localRun((tx, s) -> {})
            .compensate((tx, s) -> {})
            .withoutCompensation()
            .pivot("confirm")
            .localRun((tx, s) -> {})
            .compensate((tx, s) -> {})
            .pivot("again")
            .localRun((tx, s) -> {})
            .step("Send Mail")
            .remoteRun((call, s) -> {})
            .rejectOn(IllegalStateException.class)
            .timeout(Duration.ZERO)
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "name: Order (expected: ",
            "version: 0 (expected: >= 1)",
            "deadline: PT0S (expected: > 0)",
            "reserve: no compensation (expected: compensate(...) or withoutCompensation())",
            "step: reserve (expected: a name that no other step has)",
            "reserve: compensation and withoutCompensation() (expected: one of the two)",
            "confirm: compensation (expected: none for the pivot)",
            "again: second pivot (expected: one)",
            "step: Send Mail (expected: ",
            "Send Mail: rejectOn (expected: none after the pivot)",
            "Send Mail: timeout PT0S (expected: 1 ms to 3650 days)");
  }

  @Test
  void build_withoutSteps_isRefused() {
    assertThatThrownBy(() -> SagaDefinition.builder("order", 1, Order.class).build())
        .hasMessageContaining("steps: none (expected: at least one)");
  }

  @Test
  void fingerprint_isOfTheShape_notOfTheCode() {
    String fingerprint = oneStep("reserve", false).fingerprint();

    assertThat(SagaDefinition.builder("order", 7, Order.class)
            .step("reserve")
            .localRun((tx, s) -> tx.getMetaData())
            .withoutCompensation()
            .retry(Retry.none())
            .build()
            .fingerprint())
        .isEqualTo(fingerprint);
    assertThat(oneStep("hold", false).fingerprint()).isNotEqualTo(fingerprint);
    assertThat(oneStep("reserve", true).fingerprint()).isNotEqualTo(fingerprint);
  }

  @Test
  void retry_boundsDouble_upToTheMaximum() {
    Retry retry = Retry.forever(Duration.ofMillis(200), Duration.ofSeconds(1));

    assertThat(retry.bound(1)).isEqualTo(Duration.ofMillis(200));
    assertThat(retry.bound(3)).isEqualTo(Duration.ofMillis(800));
    assertThat(retry.bound(4)).isEqualTo(Duration.ofSeconds(1));
    assertThat(retry.bound(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(1));
  }

  private static SagaDefinition<Order> oneStep(String name, boolean compensated) {
    LocalStep<Order, Nothing> step =
        SagaDefinition.builder("order", 1, Order.class).step(name).localRun((tx, s) -> {});
    return (compensated ? step.compensate((tx, s) -> {}) : step.withoutCompensation()).build();
  }
}
