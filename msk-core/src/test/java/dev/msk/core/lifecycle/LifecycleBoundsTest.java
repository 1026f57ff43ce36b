package dev.msk.core.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long the end may take; time stands still but for the test's steps. */
@Timeout(60)
class LifecycleBoundsTest {

  private static final ThreadFactory THREADS = work -> {
    Thread thread = new Thread(work, "bounds");
    thread.setDaemon(true);
    return thread;
  };

  private final ManualTime time = ManualTime.create();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch never = new CountDownLatch(1);

  @Test
  void drainDelay_isWaitedForWithReadinessOff() throws Exception {
    Lifecycle[] self = new Lifecycle[1];
    self[0] = Lifecycle.builder("orders")
        .ticker(time)
        .drainDelay(Duration.ofSeconds(5))
        .part(Part.named("http")
            .drain(() -> log.add(self[0].isReady() + " after " + time.nanoTime() / 5_000_000_000L)))
        .build()
        .start();
    Thread closer = THREADS.newThread(self[0]::close);
    closer.start();
    while (self[0].phase() != LifecyclePhase.DRAINING) {
      Thread.onSpinWait();
    }

    assertThat(self[0].isReady()).isFalse();
    assertThat(log).isEmpty();
    while (closer.isAlive()) {
      time.advance(Duration.ofMillis(100));
      closer.join(1);
    }

    assertThat(log).singleElement().asString().startsWith("false after ").doesNotEndWith(" 0");
  }

  @Test
  void partThatHangs_isInterruptedAndLeft() throws Exception {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    CountDownLatch interrupted = new CountDownLatch(1);
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .ticker(time)
        .telemetry(telemetry)
        .threads(THREADS)
        .part("database", () -> log.add("close database"))
        .part(Part.named("http").within(Duration.ofSeconds(2)).stop(() -> {
          reached.countDown();
          try {
            never.await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        }))
        .build()
        .start();
    Thread closer = THREADS.newThread(lifecycle::close);
    closer.start();
    reached.await();

    time.advance(Duration.ofMillis(1999));
    assertThat(lifecycle.phase()).isEqualTo(LifecyclePhase.STOPPING);
    assertThat(log).isEmpty();
    time.advance(Duration.ofMillis(1));
    closer.join();
    interrupted.await();

    assertThat(log).containsExactly("close database");
    assertThat(telemetry.operations("msk.lifecycle.step"))
        .extracting(o -> o.tags().get("part") + " " + o.outcome())
        .containsExactly("http left", "database ok");
  }

  @Test
  void partsThatHang_leaveAShareOfTheTotalToEachOther() throws Exception {
    Lifecycle.Builder builder = Lifecycle.builder("orders")
        .ticker(time)
        .threads(THREADS)
        .within(Duration.ofSeconds(20))
        .part("database", () -> log.add("close database"));
    for (String name : List.of("a", "b", "c")) {
      builder.part(Part.named(name).within(Duration.ofHours(1)).stop(() -> {
        log.add(name);
        never.await();
      }));
    }
    Lifecycle lifecycle = builder.build().start();
    Thread closer = THREADS.newThread(lifecycle::close);
    closer.start();

    awaitLog(1);
    time.advance(Duration.ofMillis(16_250)); // 20 s but for three shares of 1.25 s
    awaitLog(2);
    time.advance(Duration.ofMillis(1250));
    awaitLog(3);
    time.advance(Duration.ofMillis(1250));
    closer.join();

    assertThat(log).containsExactly("c", "b", "a", "close database");
  }

  @Test
  void budget_keepsEveryoneAShareAndNeverPassesTheTotal() {
    Budget budget = new Budget(Duration.ofSeconds(40), Duration.ZERO, 4, time);

    Duration first = budget.next(Duration.ofHours(1));
    time.advance(first);
    Duration second = budget.next(Duration.ofHours(1));
    time.advance(second);
    Duration third = budget.next(Duration.ofSeconds(1));
    time.advance(Duration.ofMillis(500));
    Duration fourth = budget.next(Duration.ofHours(1));
    time.advance(fourth);
    Duration beyond = budget.next(Duration.ofHours(1));

    assertThat(first).isEqualTo(Duration.ofMillis(32_500));
    assertThat(second).isEqualTo(Duration.ofMillis(2500));
    assertThat(third).isEqualTo(Duration.ofSeconds(1));
    assertThat(fourth).isEqualTo(Duration.ofMillis(4500));
    assertThat(beyond).isZero();
  }

  private void awaitLog(int size) {
    while (log.size() < size) {
      Thread.onSpinWait();
    }
  }
}
