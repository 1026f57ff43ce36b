package dev.msk.saga.spi;

import java.util.Optional;
import java.util.UUID;

/**
 * What became of a saga that was to be inserted.
 *
 * @param existing the id of the saga that has the business key; empty if this one was inserted
 * @param revocable whether the row may go although the transaction is committed: it was inserted behind a savepoint, or the store cannot
 *     tell
 */
public record SagaInsertion(Optional<UUID> existing, boolean revocable) {

  /**
   * The saga was inserted.
   *
   * @param revocable whether its row may go although the transaction is committed
   * @return the result
   */
  public static SagaInsertion inserted(boolean revocable) {
    return new SagaInsertion(Optional.empty(), revocable);
  }

  /**
   * Another saga has the business key.
   *
   * @param other its id
   * @return the result
   */
  public static SagaInsertion of(UUID other) {
    return new SagaInsertion(Optional.of(other), false);
  }

  /**
   * Whether the saga was inserted.
   *
   * @return false if another one has the business key
   */
  public boolean isNew() {
    return existing.isEmpty();
  }
}
