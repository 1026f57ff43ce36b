package dev.msk.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchedulerTest {

  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final Scheduler scheduler = Scheduler.of(executor);

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  @Test
  void schedule_runsTheTask() throws Exception {
    CompletableFuture<String> ran = new CompletableFuture<>();

    scheduler.schedule(
        Duration.ofMillis(1), () -> ran.complete(Thread.currentThread().getName()));

    assertThat(ran.get(10, TimeUnit.SECONDS))
        .isNotEqualTo(Thread.currentThread().getName());
  }

  @Test
  void schedule_afterAFailedTask_stillRuns() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);

    scheduler.schedule(Duration.ZERO, () -> {
      throw new IllegalStateException("expected by the test: logged");
    });
    scheduler.schedule(Duration.ZERO, ran::countDown);

    assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void cancel_beforeTheRun_isTrueOnce() {
    Scheduler.Task task = scheduler.schedule(Duration.ofDays(1), () -> {});

    assertThat(task.cancel()).isTrue();
    assertThat(task.cancel()).isFalse();
  }

  @Test
  void schedule_afterShutdown_isRejected() {
    executor.shutdown();

    assertThatThrownBy(() -> scheduler.schedule(Duration.ZERO, () -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }
}
