package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {

  private static final Duration WINDOW = Duration.ofSeconds(10);

  private final ManualTime time = ManualTime.create();

  @Test
  void fresh_hasTheReserveOfOneWindow() {
    RetryBudget budget = RetryBudget.builder().ticker(time).build();

    assertThat(budget.balance()).isEqualTo(100);
    assertThat(withdrawAll(budget)).isEqualTo(100);
    assertThat(budget.tryWithdraw()).isFalse();
  }

  @Test
  void fiveCalls_addARetry() {
    RetryBudget budget = RetryBudget.builder().perSecond(0).ticker(time).build();
    for (int i = 0; i < 4; i++) {
      budget.deposit();
    }
    assertThat(budget.tryWithdraw()).isFalse();

    budget.deposit();

    assertThat(budget.tryWithdraw()).isTrue();
    assertThat(budget.tryWithdraw()).isFalse();
  }

  @Test
  void calls_areForgottenAfterTheWindow() {
    RetryBudget budget = RetryBudget.builder().perSecond(0).ticker(time).build();
    for (int i = 0; i < 50; i++) {
      budget.deposit();
    }

    time.advance(WINDOW.minusSeconds(1));
    assertThat(budget.balance()).isEqualTo(10);
    time.advance(Duration.ofSeconds(1));

    assertThat(budget.balance()).isZero();
  }

  @Test
  void retries_areForgottenAfterTheWindow_andNoFaster() {
    RetryBudget budget = RetryBudget.builder().ticker(time).build();
    assertThat(withdrawAll(budget)).isEqualTo(100);

    time.advance(WINDOW.minusNanos(1));
    assertThat(budget.tryWithdraw()).isFalse();
    time.advance(Duration.ofNanos(1));

    assertThat(withdrawAll(budget)).isEqualTo(100);
  }

  @Test
  void longSilence_leavesTheReserve_andNoMore() {
    RetryBudget budget = RetryBudget.builder().ticker(time).build();
    withdrawAll(budget);

    time.advance(Duration.ofDays(3));

    assertThat(withdrawAll(budget)).isEqualTo(100);
  }

  @Test
  void inAnyTenSeconds_retriesStayBelowAFifthOfTheCallsAndTheReserve() {
    SplittableRandom random = new SplittableRandom(17);
    RetryBudget budget = RetryBudget.builder().ticker(time).build();
    List<Long> calls = new ArrayList<>();
    List<Long> retries = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      time.advance(Duration.ofMillis(random.nextInt(i < 10_000 ? 4 : 40)));
      budget.deposit();
      calls.add(time.nanoTime());
      if (random.nextInt(3) > 0 && budget.tryWithdraw()) {
        retries.add(time.nanoTime());
      }
    }

    assertThat(retries).hasSizeGreaterThan(4_000);
    for (long from = 0; from < time.nanoTime(); from += 1_000_000_000L) {
      Predicate<Long> inWindow = within(from, from + WINDOW.toNanos());
      assertThat(retries.stream().filter(inWindow).count())
          .as("in the 10 s from %d s on", from / 1_000_000_000L)
          .isLessThanOrEqualTo(100 + calls.stream().filter(inWindow).count() / 5);
    }
  }

  @Test
  void refund_givesItBack() {
    RetryBudget budget = RetryBudget.builder().ticker(time).build();
    assertThat(budget.tryWithdraw()).isTrue();

    budget.refund();

    assertThat(budget.balance()).isEqualTo(100);
  }

  @Test
  void manyThreads_withdrawExactlyWhatIsThere() throws Exception {
    RetryBudget budget = RetryBudget.builder().ticker(time).build();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<Integer> work = () -> {
        int taken = 0;
        for (int i = 0; i < 5_000; i++) {
          budget.deposit();
          taken += budget.tryWithdraw() ? 1 : 0;
        }
        return taken;
      };
      int taken = 0;
      for (Future<Integer> each : threads.invokeAll(List.of(work, work, work, work))) {
        taken += each.get();
      }

      assertThat(taken + withdrawAll(budget)).isEqualTo(100 + 20_000 / 5);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> RetryBudget.builder()
            .ratio(1.5)
            .perSecond(-1)
            .window(Duration.ofMillis(5))
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ratio: 1.5 (expected: 0 to 1); perSecond: -1.0 (expected: 0 to 10,000); "
            + "window: PT0.005S (expected: 1 s to an hour)");
  }

  private static Predicate<Long> within(long from, long end) {
    return at -> at >= from && at < end;
  }

  private static int withdrawAll(RetryBudget budget) {
    int taken = 0;
    while (budget.tryWithdraw()) {
      taken++;
    }
    return taken;
  }
}
