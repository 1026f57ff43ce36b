package dev.msk.benchmarks.discovery;

import dev.msk.discovery.Lease;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.PickContext;
import java.util.function.LongConsumer;

/** Chooses a server for a call that takes its time. Used by one thread; calls end in any. */
@FunctionalInterface
interface Chooser {

  /** A server, until the call has ended. */
  Chosen choose();

  /**
   * Who was chosen.
   *
   * @param port of the server
   * @param end to be told once how many nanoseconds the call took
   */
  record Chosen(int port, LongConsumer end) {}

  /** Ours. */
  static Chooser of(LoadBalancer balancer) {
    return () -> {
      Lease lease = balancer.pick(PickBenchmark.SERVICE, PickContext.any()).orElseThrow();
      return new Chosen(lease.instance().port(), nanos -> lease.done(Lease.Outcome.OK, nanos));
    };
  }
}
