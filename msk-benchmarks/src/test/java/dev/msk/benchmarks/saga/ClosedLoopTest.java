package dev.msk.benchmarks.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClosedLoopTest {

  @Test
  void seconds_startsEachOnceAndNeverMoreThanThereIsRoomFor() throws Exception {
    List<Integer> started = new CopyOnWriteArrayList<>();
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ClosedLoop loop = new ClosedLoop(1_000, 7);
    ExecutorService engine = Executors.newFixedThreadPool(3);

    try {
      double seconds = loop.seconds((first, count) -> {
        for (int number = first; number < first + count; number++) {
          started.add(number);
          most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
          engine.execute(() -> {
            inFlight.decrementAndGet();
            loop.ended();
          });
        }
      });

      assertThat(seconds).isPositive();
    } finally {
      engine.shutdown();
    }
    assertThat(started)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 1_000).boxed().toList());
    assertThat(most.get()).isBetween(1, 7);
  }

  @Test
  void seconds_afterAFailedStart_throws() {
    ClosedLoop loop = new ClosedLoop(10, 2);

    assertThatThrownBy(() -> loop.seconds((first, count) -> {
          throw new IllegalStateException("no connection");
        }))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("no connection");
  }
}
