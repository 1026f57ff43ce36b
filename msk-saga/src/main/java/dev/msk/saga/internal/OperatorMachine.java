package dev.msk.saga.internal;

import static dev.msk.saga.internal.SagaMoves.operated;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.internal.SagaEffect.Refuse;
import dev.msk.saga.internal.SagaEffect.Write;
import dev.msk.saga.spi.SagaRow;
import org.jspecify.annotations.Nullable;

/** The part of the {@link SagaMachine} that decides what an operator can have done to a saga that is stuck. Pure functions. */
public final class OperatorMachine {

  private OperatorMachine() {}

  /** {@code shape} is null where the definition is not registered. */
  public static SagaEffect on(
      @Nullable SagaShape<?> shape, SagaRow row, OperatorAct act, String why) {
    if (!row.status().isStuck()) {
      return new Refuse("stuck");
    }
    boolean forward = row.status() == SagaStatus.STUCK_FORWARD;
    if (act == OperatorAct.SKIP) {
      return shape == null ? new Refuse("definition registered here") : skip(shape, row, why);
    }
    if (act == OperatorAct.COMPENSATE) {
      if (!forward || row.pivoted() || shape == null) {
        return new Refuse("STUCK_FORWARD, not pivoted, definition registered here");
      }
      boolean withCursor = shape.steps().get(row.position()).leavesMaybe();
      int position = shape.compensableFrom(withCursor ? row.position() : row.position() - 1);
      return new Write(
          operated(SagaTransition.COMPENSATE, row, position, shape.stepName(position), false, why));
    }
    SagaTransition arrow = act == OperatorAct.RETRY
        ? forward ? SagaTransition.RESUME : SagaTransition.RESUME_BACK
        : forward ? SagaTransition.ABANDON : SagaTransition.ABANDON_BACK;
    return new Write(operated(arrow, row, row.position(), row.step(), row.pivoted(), why));
  }

  /** What the operator did by hand, or does without; the state stays as it is. */
  private static SagaEffect skip(SagaShape<?> shape, SagaRow row, String why) {
    if (row.status() == SagaStatus.STUCK_BACKWARD) {
      int next = shape.compensableFrom(row.position() - 1);
      return new Write(
          operated(SagaTransition.SKIP_BACK, row, next, shape.stepName(next), false, why));
    }
    int next = row.position() + 1;
    boolean pivoted = row.pivoted() || shape.steps().get(row.position()).pivot();
    return new Write(operated(SagaTransition.SKIP, row, next, shape.stepName(next), pivoted, why));
  }
}
