package dev.msk.saga.internal;

import dev.msk.saga.OnBusy;
import java.util.function.Function;

/** Which target sagas of a definition work on alone, found by their first state. */
public record TargetLock<S>(Function<S, String> target, OnBusy onBusy) {

  private static final int MAX_TARGET = 300;

  String of(Object state, Class<S> type) {
    String name = target.apply(type.cast(state));
    if (name.isEmpty() || name.length() > MAX_TARGET || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("target: " + name.length() + " characters (expected: 1 to "
          + MAX_TARGET + ", no U+0000)");
    }
    return name;
  }
}
