package dev.msk.discovery.internal.balancing;

import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Of two endpoints, the one with fewer calls under way in proportion to its share. */
final class LeastLoaded extends TwoChoices {

  private final Track[] tracks;
  private final double[] shares;

  LeastLoaded(Endpoint[] endpoints, RandomGenerator random) {
    super(endpoints, random);
    this.tracks = Stream.of(endpoints).map(Endpoint::track).toArray(Track[]::new);
    this.shares = Stream.of(endpoints).mapToDouble(Endpoint::share).toArray();
  }

  @Override
  int better(int first, int second) {
    int load = tracks[first].load();
    int other = tracks[second].load();
    boolean less = hasEqualShares() ? other < load : other * shares[first] < load * shares[second];
    return less ? second : first;
  }
}
