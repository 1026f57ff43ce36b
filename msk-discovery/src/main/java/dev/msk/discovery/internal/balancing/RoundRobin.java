package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint after another. With unequal shares, each sits out as many rounds as its share is smaller than the largest, spread
 * evenly: the static stride of gRPC's weighted round robin, which needs one counter and no lock. So that few turns are spent on
 * who sits out, a share counts at most as ten times the mean.
 *
 * @see <a href="https://github.com/grpc/proposal/blob/master/A58-client-side-weighted-round-robin-lb-policy.md">gRFC A58</a>
 */
final class RoundRobin implements Picker {

  private static final double MAX_TIMES_MEAN = 10;
  private static final int FULL = 0xFFFF;

  private final Endpoint[] endpoints;
  private final int[] strides;
  private final AtomicInteger turns;

  RoundRobin(Endpoint[] endpoints, RandomGenerator random) {
    this.endpoints = endpoints;
    double mean = shares(endpoints).average().orElse(1);
    double largest = Math.min(shares(endpoints).max().orElse(1), MAX_TIMES_MEAN * mean);
    this.strides = Stream.of(endpoints)
        .mapToInt(endpoint -> stride(endpoint.share() / largest))
        .toArray();
    // Clients that start together should not begin with the same instance.
    this.turns = new AtomicInteger(random.nextInt(endpoints.length));
  }

  private static DoubleStream shares(Endpoint[] endpoints) {
    return Stream.of(endpoints).mapToDouble(Endpoint::share);
  }

  private static int stride(double share) {
    return (int) Math.max(1, Math.round(Math.min(1, share) * FULL));
  }

  @Override
  public @Nullable Endpoint pick(PickContext context) {
    return context.hasExclusions() ? next(context) : next();
  }

  private Endpoint next() {
    int count = endpoints.length;
    while (true) {
      long turn = Integer.toUnsignedLong(turns.getAndIncrement());
      int index = (int) (turn % count);
      int stride = strides[index];
      if (stride == FULL || sits(stride, index, turn / count)) {
        return endpoints[index];
      }
    }
  }

  /** Of {@value #FULL} rounds, {@code stride} are taken; neighbours begin half a cycle apart. */
  private static boolean sits(int stride, int index, long round) {
    long offset = FULL / 2L * index;
    return (stride * round + offset) % FULL >= FULL - stride;
  }

  private @Nullable Endpoint next(PickContext context) {
    int count = endpoints.length;
    int start = (int) (Integer.toUnsignedLong(turns.getAndIncrement()) % count);
    for (int i = 0; i < count; i++) {
      Endpoint endpoint = endpoints[(start + i) % count];
      if (!context.excludes(endpoint.instance())) {
        return endpoint;
      }
    }
    return null;
  }
}
