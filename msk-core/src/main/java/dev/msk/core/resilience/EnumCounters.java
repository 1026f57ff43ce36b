package dev.msk.core.resilience;

import dev.msk.core.telemetry.BoundCounter;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/** A counter for each value of an enum, bound ahead. Thread-safe. */
final class EnumCounters<E extends Enum<E>> {

  private final Map<E, BoundCounter> counters;

  EnumCounters(Class<E> type, Function<? super E, ? extends BoundCounter> bind) {
    this.counters = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      counters.put(value, bind.apply(value));
    }
  }

  void count(E value) {
    BoundCounter counter = counters.get(value);
    if (counter != null) { // always: every value has one
      counter.add(1);
    }
  }
}
