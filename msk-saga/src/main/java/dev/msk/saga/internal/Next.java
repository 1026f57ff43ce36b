package dev.msk.saga.internal;

import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaRow;
import org.jspecify.annotations.Nullable;

/**
 * How a saga goes on: with a move that is to be written, or, without one, with the row that is committed.
 *
 * @param row to go on with; null when the saga waits, rests, or is no longer ours
 * @param move to be written
 */
record Next(@Nullable SagaRow row, @Nullable SagaMove move) {

  static Next committed(@Nullable SagaRow row) {
    return new Next(row, null);
  }

  static Next toWrite(SagaMove move) {
    return new Next(null, move);
  }
}
