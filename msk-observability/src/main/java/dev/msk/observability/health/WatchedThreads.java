package dev.msk.observability.health;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes threads, and sees when one of them dies of a throwable: an engine of a block that is then silent until the process is started
 * again, since none of them starts a thread anew after an {@code Error}. Give it to an outbox relay, an event consumer or a saga
 * coordinator as {@code threadFactory}:
 *
 * <pre>{@code
 * WatchedThreads relay = WatchedThreads.of("relay", Thread::new);
 * OutboxRelay.builder(…).threadFactory(relay)…
 * HealthChecks.builder(…).liveness(relay.check())…
 * }</pre>
 *
 * <p>A thread that ends because its block was closed, or by interruption, has not died. Thread-safe.
 */
public final class WatchedThreads implements ThreadFactory {

  private final String name;
  private final ThreadFactory threads;
  private volatile @Nullable Health death;

  private WatchedThreads(String name, ThreadFactory threads) {
    this.name = name;
    this.threads = threads;
  }

  /**
   * Watches the threads of another factory.
   *
   * @param name of the check
   * @param threads makes the threads
   * @return a factory
   */
  public static WatchedThreads of(String name, ThreadFactory threads) {
    return new WatchedThreads(requireNonNull(name, "name"), requireNonNull(threads, "threads"));
  }

  @Override
  public Thread newThread(Runnable work) {
    requireNonNull(work, "work");
    return threads.newThread(() -> {
      try {
        work.run();
      } catch (Throwable e) {
        death = Health.down("thread has died")
            .with("thread", Thread.currentThread().getName())
            .with("error", e.getClass().getName());
        throw e;
      }
    });
  }

  /**
   * Down for good once a thread has died; the fact {@code error} is the class of what it died of.
   *
   * @return the check
   */
  public LivenessCheck check() {
    return new LivenessCheck(name, () -> {
      Health died = death;
      return died == null ? Health.up() : died;
    });
  }
}
