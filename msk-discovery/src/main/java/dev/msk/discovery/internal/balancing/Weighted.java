package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Each endpoint as often as its share says, at random. */
final class Weighted implements Picker {

  private final Urn urn;

  Weighted(Endpoint[] endpoints, RandomGenerator random) {
    this.urn = new Urn(endpoints, random);
  }

  @Override
  public @Nullable Endpoint pick(PickContext context) {
    return context.hasExclusions() ? urn.draw(context) : urn.draw();
  }
}
