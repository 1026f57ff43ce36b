package dev.msk.saga;

/**
 * What a step does, with a result.
 *
 * @param <C> a {@link java.sql.Connection} in a transaction, or a {@link SagaCall}
 * @param <S> the saga's state
 * @param <O> the result
 */
@FunctionalInterface
public interface StepFunction<C, S, O> {

  /**
   * Makes one attempt.
   *
   * @param context what it works with
   * @param state the saga's state, not to be changed
   * @return the result
   * @throws Exception what the step rejects on for a definite no; anything else for a maybe, or, in a local step, for a failure
   *     that was rolled back
   */
  O apply(C context, S state) throws Exception;
}
