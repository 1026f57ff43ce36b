package dev.msk.messaging.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.Delivery;
import org.junit.jupiter.api.Test;

final class TaskTest {

  private final Task task = new Task(new Delivery.Event(
      new Delivery.Origin("orders", 0, "1"),
      EventEnvelope.builder("1", "/orders", "t").build()));

  @Test
  void dropped_isNotBegun() {
    task.drop();

    assertThat(task.begin()).isFalse();
  }

  @Test
  void droppedWhileItRuns_mayEnd() {
    task.begin();
    task.drop();
    task.done();

    assertThat(task.isDone()).isTrue();
  }

  @Test
  void droppedWhileItRuns_hasNoNextAttempt() {
    task.begin();
    task.drop();
    task.putBack();

    assertThat(task.isRunning()).isFalse();
    assertThat(task.begin()).isFalse();
  }
}
