package dev.msk.core.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SignalTest {

  private final Signal signal = new Signal();

  @Test
  void raisedBefore_isNotLost_andTakenDownOnce() throws InterruptedException {
    signal.raise();
    signal.raise();

    assertThat(signal.await(Duration.ofDays(1))).isTrue();
    assertThat(signal.await(Duration.ZERO)).isFalse();
  }

  @Test
  void raisedMeanwhile_endsTheWait() throws Exception {
    FutureTask<Boolean> waiting = new FutureTask<>(() -> signal.await(Duration.ofDays(1)));
    Thread thread = new Thread(waiting);
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }

    signal.raise();

    assertThat(waiting.get()).isTrue();
  }
}
