package dev.msk.discovery.http;

import dev.msk.core.Ticker;

/**
 * How many retries a service may get: a fifth of its calls and ten a second, saved up for ten seconds. When everything fails,
 * retries then add a fifth to the load and do not multiply it. Thread-safe.
 */
final class RetryBudget {

  private static final double PER_CALL = 0.2;
  private static final double PER_SECOND = 10;
  private static final double MAX = 10 * PER_SECOND;

  private final Ticker ticker;
  private double tokens = PER_SECOND;
  private long seenAt;

  RetryBudget(Ticker ticker) {
    this.ticker = ticker;
    this.seenAt = ticker.nanoTime();
  }

  synchronized void called() {
    tokens = Math.min(MAX, tokens + PER_CALL);
  }

  synchronized boolean tryRetry() {
    long now = ticker.nanoTime();
    tokens = Math.min(MAX, tokens + (now - seenAt) / 1e9 * PER_SECOND);
    seenAt = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
