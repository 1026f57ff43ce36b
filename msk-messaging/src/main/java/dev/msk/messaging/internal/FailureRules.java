package dev.msk.messaging.internal;

import dev.msk.core.CodecException;
import dev.msk.core.event.EventInterceptor.EventRefusedException;
import dev.msk.messaging.FailurePolicy;
import dev.msk.messaging.InvalidEventException;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of events that fail. Immutable.
 *
 * @param general for types that have no rule of their own, and for messages that are no events
 * @param byType for events of a type
 * @param poison failures that no repetition cures, beside those known here
 * @param maxAttempts how often an event is tried
 */
public record FailureRules(
    FailurePolicy general,
    Map<String, FailurePolicy> byType,
    Predicate<Exception> poison,
    int maxAttempts) {

  FailurePolicy policy(@Nullable String type) {
    return type == null ? general : byType.getOrDefault(type, general);
  }

  boolean mayHoldKeys() {
    return general == FailurePolicy.PARK_KEY || byType.containsValue(FailurePolicy.PARK_KEY);
  }

  /** Whether an event that failed so is tried no more. */
  boolean isHopeless(Exception failure, int attempts) {
    return attempts >= maxAttempts || isPoison(failure);
  }

  private boolean isPoison(Exception failure) {
    return failure instanceof EventRefusedException
        || failure instanceof InvalidEventException
        || failure instanceof CodecException
        || poison.test(failure);
  }
}
