package dev.msk.saga.internal;

import static dev.msk.saga.internal.SagaMoves.waiting;
import static dev.msk.saga.internal.SagaMoves.waitingOn;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.internal.SagaEffect.Write;
import dev.msk.saga.spi.SagaRow;
import java.util.List;
import java.util.Optional;

/**
 * The part of the {@link SagaMachine} that decides at steps which other sagas do, from how those stand. Pure functions.
 */
final class ChildMachine {

  private ChildMachine() {}

  /** They have begun. */
  static SagaEffect begun(SagaShape<?> shape, SagaRow row) {
    boolean pivot = shape.steps().get(row.position()).pivot();
    return new Write(
        waiting(SagaTransition.SEND, row, WaitMachine.LONGEST, !row.pivoted() && !pivot, null));
  }

  /** Some have not ended. */
  static SagaEffect notYet(SagaRow row) {
    return new Write(waitingOn(row, WaitMachine.LONGEST));
  }

  /** They have been told to turn back, and some have not ended. */
  static SagaEffect notYetBack(SagaRow row) {
    return new Write(waiting(SagaTransition.SEND_BACK, row, WaitMachine.LONGEST, false, null));
  }

  /** The one that ended otherwise than completed, if one did. */
  static Optional<SagaRow> failed(List<SagaRow> children) {
    return children.stream()
        .filter(child -> child.status().isEnded() && child.status() != SagaStatus.COMPLETED)
        .findFirst();
  }

  static boolean areAll(List<SagaRow> children, SagaStatus status) {
    return children.stream().allMatch(child -> child.status() == status);
  }
}
