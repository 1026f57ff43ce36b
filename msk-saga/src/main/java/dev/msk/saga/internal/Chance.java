package dev.msk.saga.internal;

import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/** Chance for waits and ids, for many threads from one generator. Thread-safe. */
public final class Chance {

  private final RandomGenerator random;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();

  public Chance(RandomGenerator random, InstantSource clock) {
    this.random = random;
    this.clock = clock;
  }

  /** From 0 to 1. */
  double fraction() {
    return nextLong(1L << 53) * 0x1.0p-53;
  }

  /** UUID version 7: near in time is near in the index. */
  public UUID id() {
    long high = clock.millis() << 16 | 0x7000 | nextLong(0x1000);
    return new UUID(high, nextLong(Long.MAX_VALUE) >>> 1 | Long.MIN_VALUE);
  }

  private long nextLong(long bound) {
    lock.lock();
    try {
      return random.nextLong(bound);
    } finally {
      lock.unlock();
    }
  }
}
