package dev.msk.saga;

/**
 * What a step or a compensation does, without a result.
 *
 * @param <C> a {@link java.sql.Connection} in a transaction, or a {@link SagaCall}
 * @param <S> the saga's state
 */
@FunctionalInterface
public interface StepAction<C, S> {

  /**
   * Makes one attempt.
   *
   * @param context what it works with
   * @param state the saga's state, not to be changed
   * @throws Exception when it failed, or may have failed
   */
  void accept(C context, S state) throws Exception;
}
