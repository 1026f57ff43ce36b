package dev.msk.saga.spi;

import org.jspecify.annotations.Nullable;

/**
 * What became of a move.
 *
 * @param done whether the row was changed; false if it was not what the fence said, or not where the arrow begins
 * @param cancel why the saga is to be cancelled, null if nobody has asked, or if the row was not changed
 */
public record SagaMoved(boolean done, @Nullable String cancel) {

  /** The row was not what the fence said, or not where the arrow begins. */
  public static final SagaMoved REFUSED = new SagaMoved(false, null);

  /**
   * The row was changed.
   *
   * @param cancel why the saga is to be cancelled, null if nobody has asked
   * @return the result
   */
  public static SagaMoved done(@Nullable String cancel) {
    return new SagaMoved(true, cancel);
  }
}
