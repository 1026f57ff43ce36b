package dev.msk.discovery.internal.balancing;

import java.util.Comparator;
import java.util.List;

/**
 * The part of a long list that one client uses, so that not every client is connected with every instance. Which part follows from
 * the client's seed and the ids: a change of the list changes as much of it as must be, and who goes is replaced.
 *
 * @see <a href="https://github.com/grpc/proposal/blob/master/A68-random-subsetting.md">gRFC A68</a>
 */
final class Subset {

  private final int size;
  private final long seed;

  Subset(int size, long seed) {
    this.size = size;
    this.seed = Hash64.mix(seed);
  }

  int size() {
    return size;
  }

  List<Endpoint> of(List<Endpoint> all) {
    if (all.size() <= size) {
      return all;
    }
    return all.stream()
        .map(endpoint -> new Ranked(endpoint, rank(endpoint)))
        .sorted(Comparator.comparingLong(Ranked::rank))
        .limit(size)
        .map(Ranked::endpoint)
        .toList();
  }

  private long rank(Endpoint endpoint) {
    return Hash64.mix(seed ^ Hash64.of(endpoint.instance().id()));
  }

  private record Ranked(Endpoint endpoint, long rank) {}
}
