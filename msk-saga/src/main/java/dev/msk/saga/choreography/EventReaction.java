package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a participant reacts to events of a type. Confined to one thread.
 *
 * @param <S> the participant's state
 * @param <E> the participant's events
 * @param <X> the events of this type
 */
public final class EventReaction<S, E, X extends E> extends Reaction<S, E> {

  private final String type;
  private final Class<X> eventType;
  private final Function<X, String> key;
  private final @Nullable Function<X, S> begin;
  private @Nullable BiFunction<S, X, S> evolve;
  private BiFunction<S, X, List<Effect>> react = (state, event) -> List.of();

  EventReaction(
      Participant.Builder<S, E> participant,
      String type,
      Class<X> eventType,
      Function<X, String> key,
      @Nullable Function<X, S> begin) {
    super(participant);
    this.type = requireNonNull(type, "type");
    this.eventType = requireNonNull(eventType, "event");
    this.key = requireNonNull(key, "key");
    this.begin = begin;
  }

  /**
   * Makes the next state; by default the state stays as it is. For an event that starts an instance: the next state of an instance
   * that exists already, which by default does not hear it.
   *
   * @param change a pure function
   * @return this
   */
  public EventReaction<S, E, X> evolve(BiFunction<S, X, S> change) {
    this.evolve = requireNonNull(change, "change");
    return this;
  }

  /**
   * Says what follows, by the next state; by default nothing.
   *
   * @param effects a pure function
   * @return this
   */
  public EventReaction<S, E, X> react(BiFunction<S, X, List<Effect>> effects) {
    this.react = requireNonNull(effects, "effects");
    return this;
  }

  EventRule<S, X> rule() {
    return new EventRule<>(type, eventType, key, begin, evolve, react);
  }
}
