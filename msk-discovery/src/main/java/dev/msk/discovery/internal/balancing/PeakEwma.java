package dev.msk.discovery.internal.balancing;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

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

    private final Track[] tracks;
    private final Latency[] latencies;

    Cheapest(Endpoint[] endpoints, RandomGenerator random) {
      super(endpoints, random);
      this.tracks = Stream.of(endpoints).map(Endpoint::track).toArray(Track[]::new);
      this.latencies = Stream.of(tracks)
          .map(track -> (Latency) requireNonNull(track.meter()))
          .toArray(Latency[]::new);
    }

    @Override
    int better(int first, int second) {
      return cost(second) < cost(first) ? second : first;
    }

    private double cost(int number) {
      return latencies[number].cost(tracks[number].load());
    }
  }
}
