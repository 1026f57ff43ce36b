package dev.msk.core.resilience;

import java.util.concurrent.atomic.AtomicInteger;

/** How many calls are under way. Thread-safe. */
final class InFlight {

  private final AtomicInteger count = new AtomicInteger();

  /** Adds one unless there are as many as the limit; one that is turned away is never counted, not even for a moment. */
  boolean tryEnter(int limit) {
    int now = count.get();
    while (now < limit) {
      int seen = count.compareAndExchange(now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  /** Takes one away. Returns how many there were before. */
  int leave() {
    return count.getAndDecrement();
  }

  int count() {
    return count.get();
  }
}
