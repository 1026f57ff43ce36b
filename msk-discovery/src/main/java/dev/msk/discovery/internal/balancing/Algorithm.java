package dev.msk.discovery.internal.balancing;

import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** The strategies that there are. */
public enum Algorithm {
  /** Two choices by calls under way. */
  LEAST_LOADED {
    @Override
    Strategy strategy(RandomGenerator random, Ticker ticker) {
      return endpoints -> new LeastLoaded(endpoints, random);
    }
  },
  /** Two choices by latency and calls under way. */
  PEAK_EWMA {
    @Override
    Strategy strategy(RandomGenerator random, Ticker ticker) {
      return new PeakEwma(random, ticker, Duration.ofSeconds(10));
    }
  },
  /** In turn. */
  ROUND_ROBIN {
    @Override
    Strategy strategy(RandomGenerator random, Ticker ticker) {
      return endpoints -> new RoundRobin(endpoints, random);
    }
  },
  /** At random. */
  WEIGHTED {
    @Override
    Strategy strategy(RandomGenerator random, Ticker ticker) {
      return endpoints -> new Weighted(endpoints, random);
    }
  },
  /** By key, on a ring, with bounded loads. */
  RING_HASH {
    @Override
    Strategy strategy(RandomGenerator random, Ticker ticker) {
      return new RingHash(random, 1.25);
    }
  },
  /** By key, to the highest bid. */
  STICKY {
    @Override
    Strategy strategy(RandomGenerator random, Ticker ticker) {
      return endpoints -> new Sticky(endpoints, random);
    }
  };

  /** A strategy for one service. */
  abstract Strategy strategy(RandomGenerator random, Ticker ticker);
}
