package dev.msk.benchmarks.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PolicyBenchmarkTest {

  @Test
  void contendersThatCall_answer_andRepeatWhatFailed() {
    for (String contender : Policy.contenders(PolicyBenchmark.CALL).values()) {
      AtomicInteger calls = new AtomicInteger();
      Supplier<Object> guarded = PolicyBenchmark.of(contender, PolicyBenchmark.CALL, () -> {
        if (calls.incrementAndGet() == 1) {
          throw new IllegalStateException("once");
        }
        return "answer";
      });

      assertThat(guarded.get()).as(contender).isEqualTo("answer");
      assertThat(calls).as(contender).hasValue(2);
    }
  }

  /** A place that was not given back would be missing after 64 calls. */
  @Test
  void contendersThatAcquire_giveBackWhatTheyTook() {
    for (String contender : Policy.contenders(PolicyBenchmark.ACQUIRE).values()) {
      Supplier<Object> guarded =
          PolicyBenchmark.of(contender, PolicyBenchmark.ACQUIRE, () -> "answer");

      for (int call = 0; call < 2 * PolicyBenchmark.BULKHEAD; call++) {
        assertThat(guarded.get()).as(contender).isEqualTo("answer");
      }
    }
  }
}
