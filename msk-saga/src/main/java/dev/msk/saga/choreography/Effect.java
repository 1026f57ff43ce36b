package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What an instance of a {@link Participant} wants done. Effects are values; they take place in the transaction that keeps the
 * state which asked for them, so exactly once. Immutable if the payload is.
 */
public sealed interface Effect {

  /** The shortest timer. */
  Duration SHORTEST = Duration.ofMillis(1);

  /** The longest timer. */
  Duration LONGEST = Duration.ofDays(3650);

  /**
   * Publishes an event through the outbox.
   *
   * @param type its name on the wire, one that the participant {@linkplain Participant.Builder#emits emits}
   * @param key within which events keep their order
   * @param payload what the codec encodes
   */
  record Emit(String type, String key, Object payload) implements Effect {

    /**
     * Checks that nothing is missing.
     *
     * @param type its name on the wire
     * @param key within which events keep their order
     * @param payload what the codec encodes
     */
    public Emit {
      requireNonNull(type, "type");
      requireNonNull(key, "key");
      requireNonNull(payload, "payload");
    }
  }

  /**
   * Starts a timer of the instance, or starts it anew.
   *
   * @param timer one that the participant {@linkplain Participant.Builder#onTimeout hears}
   * @param after 1 ms to 3,650 days, by the database's clock
   */
  record StartTimer(String timer, Duration after) implements Effect {

    /**
     * Checks the bounds.
     *
     * @param timer its name
     * @param after 1 ms to 3,650 days
     */
    public StartTimer {
      requireNonNull(timer, "timer");
      if (after.compareTo(SHORTEST) < 0 || after.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "after: " + after + " of timer " + timer + " (expected: 1 ms to 3650 days)");
      }
    }
  }

  /**
   * Cancels a timer of the instance; one that does not run is fine. It never fires after the cancel committed.
   *
   * @param timer its name
   */
  record CancelTimer(String timer) implements Effect {

    /**
     * Checks that nothing is missing.
     *
     * @param timer its name
     */
    public CancelTimer {
      requireNonNull(timer, "timer");
    }
  }

  /**
   * Publishes an event.
   *
   * @param type its name on the wire
   * @param key within which events keep their order
   * @param payload what the codec encodes
   * @return the effect
   */
  static Emit emit(String type, String key, Object payload) {
    return new Emit(type, key, payload);
  }

  /**
   * Starts a timer, or starts it anew.
   *
   * @param timer its name
   * @param after 1 ms to 3,650 days
   * @return the effect
   * @throws IllegalArgumentException if the time is out of bounds
   */
  static StartTimer startTimer(String timer, Duration after) {
    return new StartTimer(timer, after);
  }

  /**
   * Cancels a timer.
   *
   * @param timer its name
   * @return the effect
   */
  static CancelTimer cancelTimer(String timer) {
    return new CancelTimer(timer);
  }
}
