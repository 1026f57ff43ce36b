package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How one attempt at a step ended.
 *
 * <p>An action that returns a value says {@link Done}, one that throws what its step rejects on says {@link Rejected}, one that
 * throws anything else or runs out of time says {@link Unknown}. Actions that know better return an outcome themselves.
 *
 * @param <O> the output of the step
 */
public sealed interface Outcome<O> {

  /**
   * The effect took place.
   *
   * @param output what the action returned
   * @param <O> its type
   */
  record Done<O>(O output) implements Outcome<O> {}

  /**
   * A definite no: the effect did not take place, and asking again would not change that.
   *
   * @param reason for people, kept in the saga's history
   * @param <O> the output of the step
   */
  record Rejected<O>(String reason) implements Outcome<O> {

    /**
     * Checks the reason.
     *
     * @param reason for people
     */
    public Rejected {
      requireNonNull(reason, "reason");
    }
  }

  /**
   * Maybe: the effect took place, or not, or will.
   *
   * @param cause what is known
   * @param <O> the output of the step
   */
  record Unknown<O>(Throwable cause) implements Outcome<O> {

    /**
     * Checks the cause.
     *
     * @param cause what is known
     */
    public Unknown {
      requireNonNull(cause, "cause");
    }
  }

  /**
   * Not yet: ask again after a while. Counts as an attempt like any other, and as a maybe.
   *
   * @param delay zero or more
   * @param <O> the output of the step
   */
  record Later<O>(Duration delay) implements Outcome<O> {

    /**
     * Checks the delay.
     *
     * @param delay zero or more
     * @throws IllegalArgumentException if it is negative
     */
    public Later {
      if (delay.isNegative()) {
        throw new IllegalArgumentException("delay: " + delay + " (expected: >= 0)");
      }
    }
  }

  /**
   * The effect took place.
   *
   * @param output what came of it
   * @param <O> its type
   * @return the outcome
   */
  static <O> Outcome<O> done(O output) {
    return new Done<>(output);
  }

  /**
   * A definite no.
   *
   * @param reason for people
   * @param <O> the output of the step
   * @return the outcome
   */
  static <O> Outcome<O> rejected(String reason) {
    return new Rejected<>(reason);
  }

  /**
   * Maybe.
   *
   * @param cause what is known
   * @param <O> the output of the step
   * @return the outcome
   */
  static <O> Outcome<O> unknown(Throwable cause) {
    return new Unknown<>(cause);
  }

  /**
   * Not yet.
   *
   * @param delay zero or more
   * @param <O> the output of the step
   * @return the outcome
   */
  static <O> Outcome<O> later(Duration delay) {
    return new Later<>(delay);
  }
}
