package dev.msk.discovery.internal.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.msk.core.Ticker;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Fleet;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.Lease.Outcome;
import dev.msk.discovery.OutlierEjection;
import dev.msk.discovery.PickContext;
import dev.msk.discovery.Snapshot;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a pick costs in memory, and what is left of calls when all have ended. */
final class PoolTest {

  private static final int PICKS = 20_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @EnumSource
  void pickAndDone_allocateNothing(Algorithm algorithm) {
    Pool pool = pool(algorithm);
    pool.seen(listed(1, Fleet.instances(100)));
    PickContext context = PickContext.any().version(Instance.UNKNOWN).key("user-4711");
    callAndEnd(pool, PickContext.any());
    callAndEnd(pool, context);

    long before = threads.getCurrentThreadAllocatedBytes();
    callAndEnd(pool, PickContext.any());
    callAndEnd(pool, context);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    // The compiler may allocate on our behalf while it replaces a running loop; calls would be 16
    // bytes each at least.
    assertThat(allocated).isLessThan(PICKS);
  }

  private static void callAndEnd(Pool pool, PickContext context) {
    for (int i = 0; i < PICKS; i++) {
      pool.pick(context).orElseThrow().done(Outcome.OK, 1_000_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void callsUnderWay_areNoneWhenAllHaveEnded_whateverHappenedMeanwhile(Algorithm algorithm)
      throws Exception {
    Pool pool = pool(algorithm);
    pool.seen(listed(1, Fleet.instances(20)));
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService callers = Executors.newFixedThreadPool(3);
    List<Future<?>> running = new ArrayList<>();
    for (int caller = 0; caller < 3; caller++) {
      running.add(callers.submit(() -> {
        while (!over.get()) {
          callSome(pool);
        }
      }));
    }

    for (int version = 2; version < 300; version++) {
      // The first ten stay, so that their records must outlive each change.
      pool.seen(listed(version, Fleet.instances(10 + version % 11)));
    }
    over.set(true);
    for (Future<?> caller : running) {
      caller.get();
    }
    callers.shutdown();

    assertThat(pool.lineup().all()).hasSizeGreaterThanOrEqualTo(10);
    assertThat(pool.lineup().all().subList(0, 10))
        .allSatisfy(endpoint -> assertThat(endpoint.load()).isZero());
  }

  private static void callSome(Pool pool) {
    List<Lease> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      calls.add(pool.pick(PickContext.any()).orElseThrow());
    }
    Outcome[] outcomes = Outcome.values();
    for (Lease call : calls) {
      call.done(outcomes[ThreadLocalRandom.current().nextInt(outcomes.length)], 1_000_000);
    }
  }

  @Test
  void olderList_isIgnored() {
    Pool pool = pool(Algorithm.LEAST_LOADED);
    pool.seen(listed(2, Fleet.instances(2)));

    pool.seen(listed(1, Fleet.instances(1)));

    assertThat(pool.lineup().all()).hasSize(2);
  }

  private static Snapshot listed(long version, List<Instance> instances) {
    return new Snapshot(Fleet.SERVICE, instances, version, Instant.EPOCH, Freshness.LIVE);
  }

  private static Pool pool(Algorithm algorithm) {
    BalancerSettings settings = new BalancerSettings(
        algorithm,
        0.5,
        OutlierEjection.builder().build(),
        Duration.ZERO,
        null,
        100,
        1,
        () -> ThreadLocalRandom.current().nextLong(),
        Ticker.system());
    return new Pool(Fleet.SERVICE, settings, new BalancerTelemetry(Telemetry.noop()));
  }
}
