package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.internal.StepBody;
import java.sql.Connection;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * A step in the saga's own database. Confined to one thread.
 *
 * @param <S> the saga's state
 * @param <O> the step's output
 */
public final class LocalStep<S, O> extends StepBuilder<S, O, LocalStep<S, O>> {

  private final StepFunction<Connection, S, Outcome<O>> action;
  private final Rejections rejections = new Rejections();

  LocalStep(StepStart<S> start, StepFunction<Connection, S, Outcome<O>> action) {
    super(start, Duration.ofMillis(1));
    this.action = action;
  }

  /**
   * Sets how the step is undone, in one commit with the saga's row: exactly once.
   *
   * @param compensation gets the connection of the transaction
   * @return this
   */
  public LocalStep<S, O> compensate(StepAction<Connection, S> compensation) {
    requireNonNull(compensation, "compensation");
    this.backward = new StepBody.Local<>((tx, state) -> {
      compensation.accept(tx, state);
      return Outcome.done(state);
    });
    return this;
  }

  /**
   * Takes an exception for a definite no: the saga turns back without further attempts.
   *
   * @param type of the exception
   * @return this
   */
  public LocalStep<S, O> rejectOn(Class<? extends Exception> type) {
    return rejectOn(type, any -> true);
  }

  /**
   * Takes some exceptions of a type for a definite no.
   *
   * @param type of the exception
   * @param when which ones
   * @param <X> of the exception
   * @return this
   */
  public <X extends Exception> LocalStep<S, O> rejectOn(Class<X> type, Predicate<? super X> when) {
    rejections.add(type, when);
    return this;
  }

  @Override
  StepBody<S> forward() {
    return new StepBody.Local<>(rejections.around(action, apply));
  }

  @Override
  boolean rejects() {
    return !rejections.isEmpty();
  }

  @Override
  LocalStep<S, O> self() {
    return this;
  }
}
