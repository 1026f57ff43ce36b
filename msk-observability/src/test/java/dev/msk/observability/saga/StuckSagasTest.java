package dev.msk.observability.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.testing.SagaTestKit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class StuckSagasTest {

  private final SagaDefinition<String> order = SagaDefinition.builder("order", 1, String.class)
      .pivot("confirm")
      .localRun((tx, id) -> {})
      .step("tell")
      .localRun((tx, id) -> {
        throw new IllegalStateException("nobody there");
      })
      .retry(Retry.none())
      .build();
  private final SagaTestKit kit = SagaTestKit.builder(order).build();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final ManualTime time = ManualTime.create();
  private final Queue<Runnable> handedOver = new ArrayDeque<>();

  @Test
  void gauge_countsThoseThatWait_everyHalfMinute() {
    try (StuckSagas watch =
        StuckSagas.watch(kit.coordinator().admin(), telemetry, time, Runnable::run)) {
      assertThat(stuck()).isZero();

      kit.start(order, "o-1", "o-1");
      kit.start(order, "o-2", "o-2");
      kit.runToEnd();
      time.advance(Duration.ofSeconds(29));
      assertThat(stuck()).isZero();
      time.advance(Duration.ofSeconds(1));

      assertThat(stuck()).isEqualTo(2);
    }
    assertThat(telemetry.reading("msk.saga.stuck")).isEmpty();
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void nobodyKnows_isNoNumber() {
    try (StuckSagas watch =
        StuckSagas.watch(kit.coordinator().admin(), telemetry, time, handedOver::add)) {
      assertThat(stuck()).isNaN();

      handedOver.remove().run();
      assertThat(stuck()).isZero();
    }
  }

  @Test
  void executorThatHasNoRoom_isAskedAgain() {
    AtomicBoolean full = new AtomicBoolean(true);
    try (StuckSagas watch = StuckSagas.watch(kit.coordinator().admin(), telemetry, time, task -> {
      if (full.get()) {
        throw new RejectedExecutionException("no room");
      }
      task.run();
    })) {
      assertThat(stuck()).isNaN();

      full.set(false);
      time.advance(Duration.ofSeconds(30));
      assertThat(stuck()).isZero();
    }
    assertThat(time.pendingTasks()).isZero();
  }

  private double stuck() {
    return telemetry.reading("msk.saga.stuck").orElseThrow();
  }
}
