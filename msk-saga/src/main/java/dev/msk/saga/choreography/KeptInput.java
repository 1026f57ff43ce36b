package dev.msk.saga.choreography;

import dev.msk.messaging.EventEnvelope;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An input that an instance has not taken yet, whole.
 *
 * @param place in the order in which they are taken
 * @param timer the name of the timer that ran down, null for an event
 * @param event the event as it came, with its source, id and bytes; null for a timer
 * @param keptAt by the database's clock
 */
public record KeptInput(
    long place, @Nullable String timer, @Nullable EventEnvelope event, Instant keptAt) {

  Pending pending() {
    return new Pending(timer, event);
  }
}
