package dev.msk.messaging.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.PartitionId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class InFlightTest {

  private static final int ROUNDS = 500;
  private static final int TASKS = 2_000;

  private final InFlight inFlight = new InFlight(TASKS, Long.MAX_VALUE);

  @Test
  void taskBehindDroppedOne_isNotBegunByLaneThatRunsMeanwhile() throws Exception {
    ExecutorService lane = Executors.newSingleThreadExecutor();
    CyclicBarrier bothReady = new CyclicBarrier(2);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        List<Task> tasks = arrive();
        Future<BitSet> begun = lane.submit(() -> {
          bothReady.await();
          return begin(tasks);
        });
        bothReady.await();
        inFlight.drop(inFlight.partitions());

        assertThat(begun.get()).isEqualTo(first(begun.get().cardinality()));
        inFlight.forget(inFlight.partitions());
      }
    } finally {
      lane.shutdownNow();
    }
  }

  @Test
  void otherPartition_isNotDropped() {
    Task taken = task("orders", 0, 0);
    Task kept = task("orders", 1, 0);
    inFlight.add(taken);
    inFlight.add(kept);

    assertThat(inFlight.drop(Set.of(new PartitionId("orders", 0)))).containsExactly(taken);
    assertThat(taken.begin()).isFalse();
    assertThat(kept.begin()).isTrue();
  }

  private List<Task> arrive() {
    List<Task> tasks = new ArrayList<>();
    for (int n = 0; n < TASKS; n++) {
      Task task = task("orders", 0, n);
      tasks.add(task);
      inFlight.add(task);
    }
    return tasks;
  }

  private static BitSet begin(List<Task> tasks) {
    BitSet begun = new BitSet();
    for (int n = 0; n < tasks.size(); n++) {
      if (tasks.get(n).begin()) {
        begun.set(n);
      }
    }
    return begun;
  }

  private static BitSet first(int count) {
    BitSet first = new BitSet();
    first.set(0, count);
    return first;
  }

  private static Task task(String topic, int partition, int position) {
    return new Task(new Delivery.Event(
        new Delivery.Origin(topic, partition, Integer.toString(position)),
        EventEnvelope.builder("e" + position, "/orders", "t").build()));
  }
}
