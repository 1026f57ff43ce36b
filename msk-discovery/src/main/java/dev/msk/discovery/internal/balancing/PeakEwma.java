package dev.msk.discovery.internal.balancing;

import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** Of two endpoints, the one where a call is expected to cost less: its latency times the calls that would be under way. */
final class PeakEwma implements Strategy {

  private final RandomGenerator random;
  private final Ticker ticker;
  private final long origin;
  private final double decayNanos;

  PeakEwma(RandomGenerator random, Ticker ticker, Duration decay) {
    this.random = random;
    this.ticker = ticker;
    this.origin = ticker.nanoTime();
    this.decayNanos = decay.toNanos();
  }

  @Override
  public Latency meter() {
    return new Latency(ticker, origin, decayNanos);
  }

  @Override
  public Picker over(Endpoint[] endpoints) {
    return new Cheapest(endpoints, random);
  }

  private static final class Cheapest extends TwoChoices {

    Cheapest(Endpoint[] endpoints, RandomGenerator random) {
      super(endpoints, random);
    }

    @Override
    Endpoint better(Endpoint first, Endpoint second) {
      return cost(second) < cost(first) ? second : first;
    }

    private static double cost(Endpoint endpoint) {
      return endpoint.track().meter() instanceof Latency latency
          ? latency.cost(endpoint.load())
          : 0;
    }
  }
}
