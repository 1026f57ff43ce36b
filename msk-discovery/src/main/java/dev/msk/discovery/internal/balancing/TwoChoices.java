package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Of two endpoints drawn at random, the better one.
 *
 * <p>With equal shares two different ones are drawn. With others each is drawn as often as its share says, both perhaps the
 * same: an instance that is to get a hundredth of the load is then in two draws of a hundred, however idle it is.
 */
abstract class TwoChoices implements Picker {

  private static final long LOWER_HALF = 0xFFFF_FFFFL;

  private final Endpoint[] endpoints;
  private final RandomGenerator random;
  private final Urn urn;
  private final boolean equal;

  TwoChoices(Endpoint[] endpoints, RandomGenerator random) {
    this.endpoints = endpoints;
    this.random = random;
    this.urn = new Urn(endpoints, random);
    this.equal = urn.hasEqualShares();
  }

  /** The better one; the first if neither is. */
  abstract Endpoint better(Endpoint first, Endpoint second);

  @Override
  public final @Nullable Endpoint pick(PickContext context) {
    if (context.hasExclusions()) {
      Endpoint first = urn.draw(context);
      Endpoint second = urn.draw(context);
      return first == null || second == null ? null : better(first, second);
    }
    int count = endpoints.length;
    if (!equal) {
      return better(urn.draw(), urn.draw());
    }
    if (count == 1) {
      return endpoints[0];
    }
    long bits = random.nextLong();
    int first = Urn.upTo(count, bits >>> 32);
    int second = Urn.upTo(count - 1, bits & LOWER_HALF);
    return better(endpoints[first], endpoints[second < first ? second : second + 1]);
  }
}
