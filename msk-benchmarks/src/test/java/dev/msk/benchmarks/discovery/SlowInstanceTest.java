package dev.msk.benchmarks.discovery;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.SteadyCalls;
import dev.msk.discovery.Instance;
import java.net.http.HttpClient;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SlowInstanceTest {

  private final HttpClient client = ChosenCall.client();

  /** Half a second for each of eight. */
  @Test
  void contenders_haveEveryCallAnswered() throws Exception {
    try (SlowFleet fleet = SlowFleet.start()) {
      SteadyCalls calls = new SteadyCalls(200, 100);
      for (Map.Entry<String, Supplier<Chooser>> contender :
          SlowInstance.contenders(fleet.instances()).entrySet()) {
        double[] millis = calls.run(to(contender.getValue().get()));

        assertThat(millis).as(contender.getKey()).hasSize(50);
        assertThat(Arrays.stream(millis).min().orElseThrow())
            .as(contender.getKey())
            .isGreaterThanOrEqualTo(SlowFleet.MILLIS);
      }
    }
  }

  @Test
  void floor_knowsWhoIsSlow() throws Exception {
    try (SlowFleet fleet = SlowFleet.start()) {
      int slow = fleet.instances().get(SlowFleet.INSTANCES - 1).port();
      Chooser floor = chooser(fleet.instances(), Rounds.FLOOR);

      for (int i = 0; i < 2 * SlowFleet.INSTANCES; i++) {
        assertThat(floor.choose().port()).isNotEqualTo(slow);
      }
    }
  }

  /** Of six that come together, two wait for two who wait for two. */
  @Test
  void callsMoreThanOneServerTakes_waitInLine() throws Exception {
    try (SlowFleet fleet = SlowFleet.start()) {
      int slow = fleet.instances().get(SlowFleet.INSTANCES - 1).port();
      AtomicInteger ended = new AtomicInteger();
      Chooser chooser = () -> new Chooser.Chosen(slow, nanos -> ended.incrementAndGet());
      new SteadyCalls(1_000, 1).run(to(chooser));

      long start = System.nanoTime();
      new SteadyCalls(1_000, 3 * SlowFleet.AT_ONCE).run(to(chooser));

      assertThat(ended).hasValue(7);
      assertThat((System.nanoTime() - start) / 1e6)
          .isGreaterThanOrEqualTo(3.0 * SlowFleet.SLOW_MILLIS - 10);
    }
  }

  @Test
  void callThatIsHeldUpBeforeItIsSent_countsFromWhenItWasDue() throws Exception {
    try (SlowFleet fleet = SlowFleet.start()) {
      Iterator<Integer> ports = List.of(
              fleet.instances().get(SlowFleet.INSTANCES - 1).port(),
              fleet.instances().get(0).port())
          .iterator();
      CompletableFuture<Void> before = new CompletableFuture<>();
      SteadyCalls calls = new SteadyCalls(100, 2);

      // The second is due after 10 ms, and waits for the end of the first.
      double[] millis = calls.run(to(() -> {
        int port = ports.next();
        if (!ports.hasNext()) {
          before.join();
        }
        return new Chooser.Chosen(port, nanos -> before.complete(null));
      }));

      assertThat(millis).hasSize(1);
      assertThat(millis[0]).isGreaterThanOrEqualTo(SlowFleet.SLOW_MILLIS - 10);
    }
  }

  private ChosenCall to(Chooser chooser) {
    return new ChosenCall(client, chooser);
  }

  private static Chooser chooser(List<Instance> fleet, String name) {
    return requireNonNull(SlowInstance.contenders(fleet).get(name)).get();
  }
}
