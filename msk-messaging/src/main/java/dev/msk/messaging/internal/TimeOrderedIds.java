package dev.msk.messaging.internal;

import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * UUIDs of version 7, each greater than the one before from the same generator: 48 bits of
 * milliseconds, a 12-bit counter that starts anew each millisecond and borrows from the future when
 * it runs over or when the clock steps back, 62 random bits.
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#section-6.2">RFC 9562, 6.2, method 1</a>
 */
public final class TimeOrderedIds {

  private static final int COUNTER_BITS = 12;

  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private long lastTick;

  public TimeOrderedIds(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  public String next() {
    long tick = clock.millis() << COUNTER_BITS;
    long low;
    lock.lock();
    try {
      tick = Math.max(tick, lastTick + 1);
      lastTick = tick;
      low = random.nextLong();
    } finally {
      lock.unlock();
    }
    long high = (tick >>> COUNTER_BITS) << 16 | 0x7000 | (tick & 0xfff);
    return new UUID(high, low >>> 2 | Long.MIN_VALUE).toString();
  }
}
