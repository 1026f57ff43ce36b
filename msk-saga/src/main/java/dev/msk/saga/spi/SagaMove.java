package dev.msk.saga.spi;

import dev.msk.saga.SagaTransition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A change of a saga's row along one arrow of the table.
 *
 * @param transition the arrow
 * @param position the step to run or to compensate next
 * @param step its name, null when there is none
 * @param pivoted whether the pivot is done
 * @param attempts at that step so far
 * @param maybe whether an attempt at that step that {@code attempts} does not count may have taken place
 * @param state the new state, null to leave it
 * @param then what becomes of the ownership
 * @param wakeIn with {@link Then#WAIT}: after which time somebody must work on it
 * @param byDeadline with {@link Then#WAIT}: whether what turns it back wakes it too: its deadline, or somebody who cancels it
 * @param error what the row is to say: why it turned back or is stuck, or the last failure; null for nothing
 * @param triedStep the step that was tried, for the history
 * @param attempt which attempt it was, for the history
 * @param attemptError of that attempt, for the history, null if it was good
 */
public record SagaMove(
    SagaTransition transition,
    int position,
    @Nullable String step,
    boolean pivoted,
    int attempts,
    boolean maybe,
    byte @Nullable [] state,
    Then then,
    Duration wakeIn,
    boolean byDeadline,
    @Nullable String error,
    @Nullable String triedStep,
    int attempt,
    @Nullable String attemptError) {

  /** What becomes of the ownership. */
  public enum Then {
    /** The owner goes on. */
    KEEP,
    /** Nobody owns it; whoever claims it first after a while goes on. */
    WAIT,
    /** Nobody owns it, and nobody will claim it. */
    REST
  }
}
