package dev.msk.saga.choreography;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a participant takes events of a type.
 *
 * @param begin makes the first state; null if the event starts nothing
 * @param evolve null if it leaves the state as it is; then a start is not heard by an instance that exists
 */
record EventRule<S, X>(
    String type,
    Class<X> eventType,
    Function<X, String> key,
    @Nullable Function<X, S> begin,
    @Nullable BiFunction<S, X, S> evolve,
    BiFunction<S, X, List<Effect>> react) {

  boolean starts() {
    return begin != null;
  }

  boolean evolves() {
    return evolve != null || begin == null;
  }

  String keyOf(Object event) {
    return key.apply(eventType.cast(event));
  }

  S begin(Object event) {
    if (begin == null) {
      throw new IllegalArgumentException("type: " + type + " (expected: one that starts)");
    }
    return begin.apply(eventType.cast(event));
  }

  S evolve(S state, Object event) {
    return evolve == null ? state : evolve.apply(state, eventType.cast(event));
  }

  List<Effect> react(S state, Object event) {
    return react.apply(state, eventType.cast(event));
  }
}
