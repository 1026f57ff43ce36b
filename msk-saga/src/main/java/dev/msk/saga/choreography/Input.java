package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

/**
 * What an instance of a {@link Participant} is told. Immutable if the event is.
 *
 * @param <E> the participant's events
 */
public sealed interface Input<E> {

  /**
   * An event that the participant listens to.
   *
   * @param type its name on the wire
   * @param event its data
   * @param <E> the participant's events
   */
  record Event<E>(String type, E event) implements Input<E> {

    /**
     * Checks that nothing is missing.
     *
     * @param type its name on the wire
     * @param event its data
     */
    public Event {
      requireNonNull(type, "type");
      requireNonNull(event, "event");
    }
  }

  /**
   * A timer that the instance started, and that ran down.
   *
   * @param timer its name
   * @param <E> the participant's events
   */
  record Timeout<E>(String timer) implements Input<E> {

    /**
     * Checks that nothing is missing.
     *
     * @param timer its name
     */
    public Timeout {
      requireNonNull(timer, "timer");
    }
  }
}
