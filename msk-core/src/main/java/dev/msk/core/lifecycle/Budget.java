package dev.msk.core.lifecycle;

import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import java.time.Duration;

/**
 * The time that the end may take in all. A quarter of it is kept in equal shares for the steps that are still to come, so that
 * one that hangs does not take the turn of the next. Confined to one thread.
 */
final class Budget {

  private final Deadline end;
  private final Duration share;
  private int steps;

  /** A budget from now on, of which {@code spoken} is for the drain delay. */
  Budget(Duration total, Duration spoken, int steps, Ticker ticker) {
    this.end = Deadline.after(total, ticker);
    this.share = total.minus(spoken).dividedBy(4L * Math.max(1, steps));
    this.steps = steps;
  }

  /** How long the next step may take. */
  Duration next(Duration bound) {
    steps = Math.max(0, steps - 1);
    Duration free = end.remaining().minus(share.multipliedBy(steps));
    if (free.compareTo(bound) > 0) {
      return bound;
    }
    return free.isNegative() ? Duration.ZERO : free;
  }
}
