package dev.msk.core.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closed at any moment, from any thread. */
@Timeout(60)
class LifecycleCloseTest {

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  @Test
  void closeWhileStarting_interruptsTheStart_andStopsWhatIsUp() throws Exception {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("database", () -> log.add("start"), () -> log.add("stop"))
        .part("broker", this::hang, () -> log.add("stop broker"))
        .part("http", () -> log.add("start http"), () -> log.add("stop http"))
        .build();
    FutureTask<LifecycleException> start = startElsewhere(lifecycle);
    reached.await();

    lifecycle.close();

    LifecycleException ended = start.get();
    assertThat(ended.closed()).isTrue();
    assertThat(ended.part()).contains("broker");
    assertThat(ended).hasMessage("orders: closed while starting (at broker)");
    assertThat(log).containsExactly("start", "stop");
    assertThat(lifecycle.phase()).isEqualTo(LifecyclePhase.STOPPED);
  }

  @Test
  void closeWhileStarting_whenTheStartSucceedsNevertheless_stopsThatPartToo() throws Exception {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("broker", this::hangDeaf, () -> log.add("stop broker"))
        .build();
    FutureTask<LifecycleException> start = startElsewhere(lifecycle);
    reached.await();
    Thread closer = new Thread(lifecycle::close);
    closer.start();
    interrupted.await();
    released.countDown();

    closer.join();

    assertThat(start.get().closed()).isTrue();
    assertThat(log).containsExactly("stop broker");
  }

  @Test
  void closeWhileStarting_leavesAStartThatDoesNotEnd_andStopsItOnceItHas() throws Exception {
    CountDownLatch stopped = new CountDownLatch(1);
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("database", () -> log.add("close database"))
        .part(Part.named("broker")
            .within(Duration.ofMillis(50))
            .start(this::hangDeaf)
            .stop(stopped::countDown))
        .build();
    FutureTask<LifecycleException> start = startElsewhere(lifecycle);
    reached.await();

    lifecycle.close();

    assertThat(log).containsExactly("close database");
    assertThat(lifecycle.phase()).isEqualTo(LifecyclePhase.STOPPED);
    assertThat(start.isDone()).isFalse();
    released.countDown();
    assertThat(start.get().closed()).isTrue();
    stopped.await();
  }

  @Test
  void closeFromManyThreads_stopsOnce_andAllWait() throws Exception {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("http", () -> {}, () -> {
          reached.countDown();
          released.await();
          log.add("stop");
        })
        .build()
        .start();
    List<FutureTask<Integer>> closers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      closers.add(elsewhere(() -> {
        lifecycle.close();
        return log.size();
      }));
    }
    reached.await();
    assertThat(closers).noneMatch(FutureTask::isDone);
    released.countDown();

    for (FutureTask<Integer> closer : closers) {
      assertThat(closer.get()).isOne();
    }
    lifecycle.awaitStop();
  }

  @Test
  void closeWhileDraining_goesOnFromThere() throws Exception {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part(Part.named("http")
            .drain(() -> {
              reached.countDown();
              released.await();
              log.add("drain");
            })
            .stop(() -> log.add("stop")))
        .build()
        .start();
    FutureTask<Integer> drainer = elsewhere(() -> {
      lifecycle.drain();
      return 0;
    });
    reached.await();
    FutureTask<Integer> closer = elsewhere(() -> {
      lifecycle.close();
      return log.size();
    });
    released.countDown();

    drainer.get();
    assertThat(closer.get()).isEqualTo(2);

    assertThat(log).containsExactly("drain", "stop");
  }

  @Test
  void closeFromWithinAStart_endsIt() {
    Lifecycle[] self = new Lifecycle[1];
    self[0] = Lifecycle.builder("orders")
        .part("database", () -> log.add("close database"))
        .part("http", () -> self[0].close(), () -> log.add("stop http"))
        .part("never", () -> log.add("start never"), () -> {})
        .build();

    LifecycleException ended = catchThrowableOfType(LifecycleException.class, self[0]::start);

    assertThat(ended.closed()).isTrue();
    assertThat(log).containsExactly("stop http", "close database");
  }

  @Test
  void closeFromWithinAStop_returnsAtOnce() {
    Lifecycle[] self = new Lifecycle[1];
    self[0] = Lifecycle.builder("orders")
        .part("http", () -> {}, () -> {
          self[0].close();
          self[0].drain();
          log.add("stop");
        })
        .build()
        .start();

    self[0].close();

    assertThat(log).containsExactly("stop");
  }

  @Test
  void closeFromWithinADrain_stopsAfterIt() {
    Lifecycle[] self = new Lifecycle[1];
    self[0] = Lifecycle.builder("orders")
        .part(Part.named("http").drain(() -> self[0].close()).stop(() -> log.add("stop")))
        .build()
        .start();

    self[0].drain();

    assertThat(log).containsExactly("stop");
    assertThat(self[0].phase()).isEqualTo(LifecyclePhase.STOPPED);
  }

  @Test
  void interruptOfTheCloser_isKeptAndShortensNothing() {
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("http", () -> {}, () -> log.add("stop " + Thread.currentThread().isInterrupted()))
        .build()
        .start();

    Thread.currentThread().interrupt();
    lifecycle.close();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(log).containsExactly("stop false");
  }

  private void hang() throws InterruptedException {
    reached.countDown();
    released.await();
  }

  /** Goes on when interrupted. */
  private void hangDeaf() {
    reached.countDown();
    boolean open = false;
    while (!open) {
      try {
        released.await();
        open = true;
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
    }
  }

  private static FutureTask<LifecycleException> startElsewhere(Lifecycle lifecycle) {
    return elsewhere(() -> catchThrowableOfType(LifecycleException.class, lifecycle::start));
  }

  private static <T> FutureTask<T> elsewhere(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }
}
