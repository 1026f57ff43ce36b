package dev.msk.saga.choreography;

import java.util.function.Function;

/**
 * One thing that a participant reacts to, while its definition is written. Confined to one thread.
 *
 * @param <S> the participant's state
 * @param <E> the participant's events
 */
public abstract sealed class Reaction<S, E> permits EventReaction, TimeoutReaction {

  private final Participant.Builder<S, E> participant;

  Reaction(Participant.Builder<S, E> participant) {
    this.participant = participant;
  }

  /**
   * As {@link Participant.Builder#startsOn}.
   *
   * @param type its name on the wire
   * @param event what the codec makes of its data
   * @param key finds the instance
   * @param begin makes the first state
   * @param <X> what the codec makes of its data
   * @return says how it reacts
   */
  public <X extends E> EventReaction<S, E, X> startsOn(
      String type, Class<X> event, Function<X, String> key, Function<X, S> begin) {
    return participant.startsOn(type, event, key, begin);
  }

  /**
   * As {@link Participant.Builder#on}.
   *
   * @param type its name on the wire
   * @param event what the codec makes of its data
   * @param key finds the instance
   * @param <X> what the codec makes of its data
   * @return says how it reacts
   */
  public <X extends E> EventReaction<S, E, X> on(
      String type, Class<X> event, Function<X, String> key) {
    return participant.on(type, event, key);
  }

  /**
   * As {@link Participant.Builder#onTimeout}.
   *
   * @param timer its name
   * @return says how it reacts
   */
  public TimeoutReaction<S, E> onTimeout(String timer) {
    return participant.onTimeout(timer);
  }

  /**
   * As {@link Participant.Builder#build}.
   *
   * @return the participant
   * @throws IllegalArgumentException naming every fault
   */
  public Participant<S, E> build() {
    return participant.build();
  }
}
