package dev.msk.saga.spi;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A saga that begins.
 *
 * @param id of the saga
 * @param definition which it follows
 * @param businessKey unique among the sagas of all versions of the definition
 * @param step the first one
 * @param state encoded
 * @param deadline from now, null for none
 * @param origin what it belongs to
 * @param target what it works on alone, null for nothing; if it has to wait for that, it is not due before its turn, or its deadline
 * @param parent which began it, null for none
 * @param owner who works on it from the start; null for whoever claims it
 */
public record NewSaga(
    UUID id,
    DefinitionId definition,
    String businessKey,
    String step,
    byte[] state,
    @Nullable Duration deadline,
    SagaOrigin origin,
    @Nullable SagaTarget target,
    @Nullable SagaParent parent,
    @Nullable SagaOwner owner) {

  /**
   * The same saga, with a target.
   *
   * @param other what it works on alone, null for nothing
   * @return a copy
   */
  public NewSaga on(@Nullable SagaTarget other) {
    return new NewSaga(
        id, definition, businessKey, step, state, deadline, origin, other, parent, owner);
  }

  /**
   * The same saga, of an owner.
   *
   * @param other who works on it from the start; null for whoever claims it
   * @return a copy
   */
  public NewSaga ownedBy(@Nullable SagaOwner other) {
    return new NewSaga(
        id, definition, businessKey, step, state, deadline, origin, target, parent, other);
  }
}
