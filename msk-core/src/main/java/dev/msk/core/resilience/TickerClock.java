package dev.msk.core.resilience;

import dev.msk.core.Ticker;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A ticker for libraries that want a clock: it starts at the epoch and never goes back, whatever is done to the wall clock. It counts whole
 * milliseconds, and has one instant for all who ask within the same. Thread-safe.
 */
final class TickerClock extends Clock {

  private final Ticker ticker;
  private final long origin;
  private volatile Instant last = Instant.EPOCH;

  TickerClock(Ticker ticker) {
    this.ticker = ticker;
    this.origin = ticker.nanoTime();
  }

  @Override
  public long millis() {
    return (ticker.nanoTime() - origin) / 1_000_000;
  }

  @Override
  public Instant instant() {
    long millis = millis();
    Instant known = last;
    if (known.toEpochMilli() == millis) {
      return known;
    }
    Instant now = Instant.ofEpochMilli(millis);
    last = now;
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
