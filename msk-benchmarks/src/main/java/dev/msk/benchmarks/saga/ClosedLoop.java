package dev.msk.benchmarks.saga;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Starts a saga for each that has ended, so that always as many are in flight until none is left to start. Callers start as many at
 * once as there is room for: in one transaction of theirs, as far as the engine lets them. Thread-safe.
 */
final class ClosedLoop {

  private static final int CALLERS = 2;
  private static final int AT_ONCE = 256;
  private static final int MINUTES = 5;

  private final int sagas;
  private final Semaphore room;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final CompletableFuture<Long> over = new CompletableFuture<>();

  ClosedLoop(int sagas, int inFlight) {
    this.sagas = sagas;
    this.room = new Semaphore(inFlight);
  }

  /** Starts sagas. */
  @FunctionalInterface
  interface Starting {
    void start(int first, int count) throws Exception;
  }

  /** To be called when the end of a saga has been committed. */
  void ended() {
    room.release();
    if (ended.incrementAndGet() == sagas) {
      over.complete(System.nanoTime());
    }
  }

  /** Makes {@link #seconds} throw. */
  void failed(Throwable failure) {
    over.completeExceptionally(failure);
  }

  /** From the first start to the last end. */
  double seconds(Starting starting)
      throws InterruptedException, ExecutionException, TimeoutException {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      long start = System.nanoTime();
      for (int i = 0; i < CALLERS; i++) {
        callers.execute(() -> startAll(starting));
      }
      return (over.get(MINUTES, TimeUnit.MINUTES) - start) / 1e9;
    } finally {
      callers.shutdownNow();
    }
  }

  private void startAll(Starting starting) {
    try {
      while (next.get() < sagas) {
        room.acquire();
        int more = Math.min(room.availablePermits(), AT_ONCE - 1);
        int count = more > 0 && room.tryAcquire(more) ? 1 + more : 1;
        int first = next.getAndAdd(count);
        if (first < sagas) {
          starting.start(first, Math.min(count, sagas - first));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      failed(e);
    }
  }
}
