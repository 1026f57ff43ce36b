package dev.msk.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls at a steady rate, which waits for nobody. The time of a call begins when the call is due, not when it is sent, so that whatever
 * holds it up counts (G. Tene, "How NOT to Measure Latency": coordinated omission). Confined to one thread.
 */
public final class SteadyCalls {

  private static final int PATIENCE_SECONDS = 60;

  private final int perSecond;
  private final int calls;

  /**
   * Calls to be made.
   *
   * @param perSecond how many a second
   * @param calls how many in all
   */
  public SteadyCalls(int perSecond, int calls) {
    this.perSecond = perSecond;
    this.calls = calls;
  }

  /** One of the calls. */
  @FunctionalInterface
  public interface Call {

    /**
     * Begins, and waits for nobody.
     *
     * @return ends with the answer
     */
    CompletableFuture<?> begin();
  }

  /**
   * Makes the calls.
   *
   * @param call is begun each time that one is due
   * @return milliseconds of each call, but for those of the first second
   * @throws ExecutionException when a call failed
   * @throws InterruptedException when interrupted
   * @throws TimeoutException when the last has no answer a minute after it was begun
   */
  public double[] run(Call call) throws ExecutionException, InterruptedException, TimeoutException {
    List<CompletableFuture<Double>> millis = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      long due = start + i * 1_000_000_000L / perSecond;
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      millis.add(call.begin().thenApply(answer -> (System.nanoTime() - due) / 1e6));
    }
    CompletableFuture.allOf(millis.toArray(CompletableFuture[]::new))
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return millis.stream()
        .skip(Math.min(perSecond, calls / 2))
        .mapToDouble(CompletableFuture::join)
        .toArray();
  }
}
