package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.CallContext;
import dev.msk.core.testing.RecordingTelemetry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BulkheadTest {

  private static final int THREADS = 4;
  private static final int CALLS = 20_000;

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();

  @Test
  void full_refusesAtOnce_untilOneIsDone() {
    CallPolicy policy = CallPolicy.builder("orders").bulkhead(2).build();
    Attempt first = (Attempt) policy.acquire(CallSpec.once());
    assertThat(policy.acquire(CallSpec.once())).isInstanceOf(Attempt.class);

    assertThat(policy.acquire(CallSpec.once()))
        .isEqualTo(new Refused(RefusalReason.BULKHEAD_FULL, Duration.ZERO));
    first.done(Outcome.failed());

    assertThat(policy.acquire(CallSpec.once())).isInstanceOf(Attempt.class);
  }

  @Test
  void manyThreads_neverExceedIt_andEveryCallIsCountedOnce() throws Exception {
    CallPolicy policy = CallPolicy.builder("orders")
        .bulkhead(3)
        .limit(AdaptiveLimit.create())
        .circuitBreaker(
            CircuitBreakerSpec.builder().minimumCalls(Integer.MAX_VALUE).build())
        .telemetry(telemetry)
        .build();
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      Callable<int[]> work = () -> work(policy, inFlight, most);
      int answered = 0;
      int refused = 0;
      for (Future<int[]> each : threads.invokeAll(List.of(work, work, work, work))) {
        answered += each.get()[0];
        refused += each.get()[1];
      }

      assertThat(most.get()).isLessThanOrEqualTo(3);
      assertThat(answered + refused).isEqualTo(THREADS * CALLS);
      assertThat(answered).isPositive();
      assertThat(telemetry.count("msk.call.attempts", "orders", "OK")).isEqualTo(answered);
      assertThat(telemetry.count("msk.call.transitions", "orders", "SUCCEED")).isEqualTo(answered);
      assertThat(telemetry.count("msk.call.refusals", "orders", "BULKHEAD_FULL"))
          .isEqualTo(refused);
      assertThat(telemetry.reading("msk.call.in_flight", "orders")).hasValue(0);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void severalWhoEndAnAttempt_endItOnce() throws Exception {
    CallPolicy policy =
        CallPolicy.builder("orders").bulkhead(1).telemetry(telemetry).build();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < 2_000; i++) {
        Attempt attempt = (Attempt) policy.acquire(CallSpec.once());
        Callable<Verdict> answer = () -> attempt.done(Outcome.ok());
        Callable<Verdict> timeout = () -> attempt.done(Outcome.timedOut());
        int late = 0;
        for (Future<Verdict> each : threads.invokeAll(List.of(answer, timeout))) {
          late += each.get() == Final.LATE ? 1 : 0;
        }
        assertThat(late).isOne();
      }

      assertThat(telemetry.reading("msk.call.in_flight", "orders")).hasValue(0);
      assertThat(telemetry.count("msk.call.attempts", "orders", "OK")
              + telemetry.count("msk.call.attempts", "orders", "TIMED_OUT"))
          .isEqualTo(2_000);
    } finally {
      threads.shutdownNow();
    }
  }

  private static int[] work(CallPolicy policy, AtomicInteger inFlight, AtomicInteger most) {
    int[] answeredAndRefused = new int[2];
    for (int i = 0; i < CALLS; i++) {
      if (policy.acquire(CallSpec.once(), CallContext.empty()) instanceof Attempt attempt) {
        most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        Thread.onSpinWait();
        inFlight.decrementAndGet();
        attempt.done(Outcome.ok());
        answeredAndRefused[0]++;
      } else {
        answeredAndRefused[1]++;
      }
    }
    return answeredAndRefused;
  }
}
