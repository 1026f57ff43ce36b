package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Each endpoint as often as its share says, at random. */
final class Weighted implements Picker {

  private final Endpoint[] endpoints;
  private final Urn urn;

  Weighted(Endpoint[] endpoints, RandomGenerator random) {
    this.endpoints = endpoints;
    this.urn = new Urn(endpoints, random);
  }

  @Override
  public @Nullable Endpoint pick(PickContext context) {
    int drawn = context.hasExclusions() ? urn.draw(context) : urn.draw();
    return drawn < 0 ? null : endpoints[drawn];
  }
}
