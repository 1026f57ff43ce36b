package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.Lease.Outcome;
import dev.msk.discovery.PickContext;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A key goes to the first point at or after it on a ring on which each endpoint has many; an endpoint that has more than its part of
 * the calls under way is passed over.
 *
 * <p>An endpoint's points depend on nothing but its id and weight, so that a change of the list moves the keys of those who came
 * or went and no others. The bound follows M. Mirrokni and others: with it, one key that everybody asks for loads its instance
 * and then the next, instead of drowning the first.
 *
 * @see <a href="https://doi.org/10.1145/258533.258660">D. Karger and others, Consistent Hashing and Random Trees, 1997</a>
 * @see <a href="https://arxiv.org/abs/1608.01350">V. Mirrokni, M. Thorup, M. Zadimoghaddam, Consistent Hashing with Bounded Loads,
 *     2016</a>
 */
final class RingHash implements Strategy {

  /** As in ketama: loads differ by about a twelfth. */
  private static final double POINTS_PER_WEIGHT = 1.6;

  private static final int MAX_POINTS = 1 << 18;

  private final RandomGenerator random;
  private final double bound;
  private final CallsUnderWay all = new CallsUnderWay();

  RingHash(RandomGenerator random, double bound) {
    this.random = random;
    this.bound = bound;
  }

  @Override
  public CallsUnderWay meter() {
    return all;
  }

  @Override
  public Picker over(Endpoint[] endpoints) {
    return new Ring(endpoints);
  }

  /** Of all instances together. */
  private static final class CallsUnderWay implements Meter {

    private final LongAdder count = new LongAdder();

    @Override
    public void taken() {
      count.increment();
    }

    @Override
    public void done(Outcome outcome, long nanos, int turn) {
      count.decrement();
    }
  }

  private final class Ring implements Picker {

    private final Endpoint[] endpoints;
    private final double allWeights;
    private final long[] points;
    private final int[] owners;

    Ring(Endpoint[] endpoints) {
      this.endpoints = endpoints;
      this.allWeights =
          Stream.of(endpoints).mapToInt(e -> e.instance().weight()).sum();
      double perWeight = Math.min(POINTS_PER_WEIGHT, MAX_POINTS / allWeights);
      int[] ends = new int[endpoints.length];
      int sum = 0;
      for (int i = 0; i < endpoints.length; i++) {
        sum += (int) Math.max(1, endpoints[i].instance().weight() * perWeight);
        ends[i] = sum;
      }
      points = new long[sum];
      owners = new int[sum];
      place(ends);
    }

    /** Sorted by point: the low bits of a point are given up for the number of its owner while they are sorted. */
    private void place(int[] ends) {
      long ownerBits = Long.highestOneBit(Math.max(1, endpoints.length - 1)) * 2 - 1;
      int next = 0;
      for (int i = 0; i < endpoints.length; i++) {
        long id = Hash64.of(endpoints[i].instance().id());
        for (int n = 0; next < ends[i]; n++) {
          points[next++] = (Hash64.mix(id + n) & ~ownerBits) | i;
        }
      }
      Arrays.sort(points);
      for (int i = 0; i < points.length; i++) {
        owners[i] = (int) (points[i] & ownerBits);
        points[i] &= ~ownerBits;
      }
    }

    @Override
    public @Nullable Endpoint pick(PickContext context) {
      long hash = context.key().isPresent() ? Hash64.of(context.key().get()) : random.nextLong();
      int found = Arrays.binarySearch(points, hash);
      int start = found >= 0 ? found : -found - 1;
      double perWeight = bound * (all.count.sum() + 1) / allWeights;
      Endpoint first = null;
      for (int i = 0; i < points.length; i++) {
        Endpoint endpoint = endpoints[owners[(start + i) % points.length]];
        if (!context.excludes(endpoint.instance())) {
          if (endpoint.load() + 1 <= Math.ceil(perWeight * endpoint.instance().weight())) {
            return endpoint;
          }
          first = first == null ? endpoint : first;
        }
      }
      return first;
    }
  }
}
