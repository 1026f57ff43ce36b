package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * How a participant reacts to a timer that ran down. Confined to one thread.
 *
 * @param <S> the participant's state
 * @param <E> the participant's events
 */
public final class TimeoutReaction<S, E> extends Reaction<S, E> {

  private final String timer;
  private UnaryOperator<S> evolve = UnaryOperator.identity();
  private Function<S, List<Effect>> react = state -> List.of();

  TimeoutReaction(Participant.Builder<S, E> participant, String timer) {
    super(participant);
    this.timer = requireNonNull(timer, "timer");
  }

  /**
   * Makes the next state; by default the state stays as it is.
   *
   * @param change a pure function
   * @return this
   */
  public TimeoutReaction<S, E> evolve(UnaryOperator<S> change) {
    this.evolve = requireNonNull(change, "change");
    return this;
  }

  /**
   * Says what follows, by the next state; by default nothing.
   *
   * @param effects a pure function
   * @return this
   */
  public TimeoutReaction<S, E> react(Function<S, List<Effect>> effects) {
    this.react = requireNonNull(effects, "effects");
    return this;
  }

  TimeoutRule<S> rule() {
    return new TimeoutRule<>(timer, evolve, react);
  }
}
