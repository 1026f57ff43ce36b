package dev.msk.discovery.internal.balancing;

import java.util.random.RandomGenerator;

/** Of two endpoints, the one with fewer calls under way in proportion to its share. */
final class LeastLoaded extends TwoChoices {

  LeastLoaded(Endpoint[] endpoints, RandomGenerator random) {
    super(endpoints, random);
  }

  @Override
  Endpoint better(Endpoint first, Endpoint second) {
    return second.load() * first.share() < first.load() * second.share() ? second : first;
  }
}
