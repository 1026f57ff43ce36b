package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Draws the numbers of endpoints, each as often as its share says. Thread-safe as far as its chance is. */
final class Urn {

  private final Endpoint[] endpoints;
  private final RandomGenerator random;
  private final @Nullable AliasTable table;

  Urn(Endpoint[] endpoints, RandomGenerator random) {
    this.endpoints = endpoints;
    this.random = random;
    double[] shares = Stream.of(endpoints).mapToDouble(Endpoint::share).toArray();
    this.table = areEqual(shares) ? null : new AliasTable(shares);
  }

  private static boolean areEqual(double[] shares) {
    for (double share : shares) {
      if (share != shares[0]) {
        return false;
      }
    }
    return true;
  }

  boolean hasEqualShares() {
    return table == null;
  }

  int draw() {
    long bits = random.nextLong();
    return table == null ? upTo(endpoints.length, bits >>> 32) : table.draw(bits);
  }

  /** A number below a bound, of 32 random bits: a multiplication instead of a division. */
  static int upTo(int bound, long bits) {
    return (int) ((bits * bound) >>> 32);
  }

  /** One of those who are not excluded, found in one pass over all; less than zero if there is none. */
  int draw(PickContext context) {
    int drawn = -1;
    double sum = 0;
    for (int i = 0; i < endpoints.length; i++) {
      Endpoint endpoint = endpoints[i];
      if (!context.excludes(endpoint.instance())) {
        sum += endpoint.share();
        if (random.nextDouble() * sum < endpoint.share()) {
          drawn = i;
        }
      }
    }
    return drawn;
  }
}
