package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A key goes to the endpoint that bids most for it: rendezvous hashing. When that one is gone, the next takes over what was its own;
 * when it comes back, so do its keys. Costs a look at each endpoint.
 *
 * @see <a href="https://doi.org/10.1109/90.663936">D. G. Thaler, C. V. Ravishankar, Using Name-Based Mappings to Increase Hit Rates,
 *     1998</a>
 */
final class Sticky implements Picker {

  private final Endpoint[] endpoints;
  private final RandomGenerator random;
  private final long[] ids;
  private final boolean equal;

  Sticky(Endpoint[] endpoints, RandomGenerator random) {
    this.endpoints = endpoints;
    this.random = random;
    this.ids = Stream.of(endpoints).mapToLong(e -> Hash64.of(e.instance().id())).toArray();
    this.equal =
        Stream.of(endpoints).mapToInt(e -> e.instance().weight()).distinct().count() == 1;
  }

  @Override
  public @Nullable Endpoint pick(PickContext context) {
    long key = context.key().isPresent() ? Hash64.of(context.key().get()) : random.nextLong();
    Endpoint best = null;
    double most = 0;
    for (int i = 0; i < endpoints.length; i++) {
      Endpoint endpoint = endpoints[i];
      double bid = bid(Hash64.mix(key ^ ids[i]), endpoint.instance().weight());
      if ((best == null || bid > most) && !context.excludes(endpoint.instance())) {
        best = endpoint;
        most = bid;
      }
    }
    return best;
  }

  /** With u uniform between 0 and 1, the largest of all w / -ln u is each one's with probability w / Σw. */
  private double bid(long hash, int weight) {
    double uniform = ((hash >>> 12) + 0.5) * 0x1p-52;
    return equal ? uniform : -weight / Math.log(uniform);
  }
}
