package dev.msk.saga.testing;

import java.time.Instant;
import java.time.InstantSource;

/** A millisecond older at each look. */
final class Ticking implements InstantSource {

  private Instant now = Instant.EPOCH;

  @Override
  public Instant instant() {
    now = now.plusMillis(1);
    return now;
  }
}
