package dev.msk.observability.internal;

import dev.msk.core.telemetry.Telemetry;
import java.util.concurrent.atomic.AtomicInteger;

/** How many more timers one kind of operation may have for outcomes and errors. Thread-safe. */
final class TimerRoom {

  private final AtomicInteger taken = new AtomicInteger();

  boolean take() {
    return taken.getAndUpdate(n -> Math.min(n + 1, Telemetry.MAX_TAG_TUPLES))
        < Telemetry.MAX_TAG_TUPLES;
  }
}
