package dev.msk.observability.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class WatchedThreadsTest {

  private final WatchedThreads threads = WatchedThreads.of("relay", work -> {
    Thread thread = new Thread(work, "relay-1");
    thread.setUncaughtExceptionHandler((died, error) -> {});
    return thread;
  });

  @Test
  void thread_thatWorks_orHasEnded_isUp() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Thread working = started(() -> await(end));
    Thread ended = started(() -> {});
    ended.join();
    assertThat(threads.check().check()).isEqualTo(Health.up());

    working.interrupt();
    working.join();

    assertThat(threads.check().check()).isEqualTo(Health.up());
    assertThat(threads.check().name()).isEqualTo("relay");
  }

  @Test
  void thread_thatDies_isDown_withTheClassOfTheError() throws Exception {
    started(() -> {
          throw new NoClassDefFoundError("shop/Secret");
        })
        .join();
    started(() -> {}).join();

    assertThat(threads.check().check())
        .isEqualTo(Health.down("thread has died")
            .with("thread", "relay-1")
            .with("error", "java.lang.NoClassDefFoundError"));
  }

  private Thread started(Runnable work) {
    Thread thread = threads.newThread(work);
    thread.start();
    return thread;
  }

  private static void await(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
