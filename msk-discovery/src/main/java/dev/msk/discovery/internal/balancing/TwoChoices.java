package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Of two endpoints drawn at random, the better one.
 *
 * <p>With equal shares two different ones are drawn. With others each is drawn as often as its share says, both perhaps the
 * same: an instance that is to get a hundredth of the load is then in two draws of a hundred, however idle it is.
 *
 * <p>Endpoints are compared by their numbers, so that what a strategy looks at can lie in arrays of its own, one step from the number.
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
  abstract int better(int first, int second);

  final boolean hasEqualShares() {
    return equal;
  }

  @Override
  public final @Nullable Endpoint pick(PickContext context) {
    if (context.hasExclusions()) {
      int first = urn.draw(context);
      int second = urn.draw(context);
      return first < 0 || second < 0 ? null : endpoints[better(first, second)];
    }
    return pickAny();
  }

  @Override
  public final Endpoint pickAny() {
    return endpoints[equal ? ofTwoDifferent() : better(urn.draw(), urn.draw())];
  }

  private int ofTwoDifferent() {
    int count = endpoints.length;
    if (count == 1) {
      return 0;
    }
    long bits = random.nextLong();
    int first = Urn.upTo(count, bits >>> 32);
    int second = Urn.upTo(count - 1, bits & LOWER_HALF);
    return better(first, second < first ? second : second + 1);
  }
}
