package dev.msk.benchmarks.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PolicyBenchmarkTest {

  @Test
  void contenders_answer_andRepeatWhatFailed() {
    for (String contender : Policy.contenders().values()) {
      AtomicInteger calls = new AtomicInteger();
      Supplier<Object> guarded = PolicyBenchmark.of(contender, () -> {
        if (calls.incrementAndGet() == 1) {
          throw new IllegalStateException("once");
        }
        return "answer";
      });

      assertThat(guarded.get()).as(contender).isEqualTo("answer");
      assertThat(calls).as(contender).hasValue(2);
    }
  }
}
