package dev.msk.saga.internal;

import static dev.msk.saga.internal.SagaMoves.error;
import static dev.msk.saga.internal.SagaMoves.moved;
import static dev.msk.saga.internal.SagaMoves.stuck;
import static dev.msk.saga.internal.SagaMoves.turnedBack;
import static dev.msk.saga.internal.SagaMoves.waiting;
import static dev.msk.saga.internal.SagaMoves.waitingOn;

import dev.msk.saga.CancelResult;
import dev.msk.saga.Outcome;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.internal.SagaEffect.Try;
import dev.msk.saga.internal.SagaEffect.Write;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaTarget;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The machine of a saga: its row and an input give an effect. Pure functions: no clock, no chance, no database, so that whoever
 * drives them, the coordinator or a simulator, drives the same machine.
 *
 * <p>What is compensated is every step that is done and the step at the cursor if it may have taken place: its last outcome is not
 * a definite no, or an earlier attempt left a maybe behind. A failed local step is rolled back and leaves none.
 *
 * <p>{@link WaitMachine} decides at steps that wait, {@link ChildMachine} at those that other sagas do, {@link OperatorMachine} for
 * operators, {@link MigrationMachine} for other versions.
 */
final class SagaMachine {

  private static final int MAX_CRASHES = 5;

  private SagaMachine() {}

  static SagaEffect on(SagaShape<?> shape, SagaRow row, SagaInput input) {
    if (input instanceof SagaInput.Turn turn) {
      return turn(shape, row, turn.deadlinePassed());
    }
    if (input instanceof SagaInput.Ended ended) {
      return ended(shape, row, ended);
    }
    if (input instanceof SagaInput.TimeLeft time) {
      return WaitMachine.timeLeft(row, time.left());
    }
    return input instanceof SagaInput.Broken broken
        ? broken(shape, row, broken.cause())
        : WaitMachine.nothingCame(shape, row);
  }

  /** What becomes of the wish to cancel; {@code shape} is null where the definition is not registered. */
  static CancelResult cancel(@Nullable SagaShape<?> shape, SagaRow row) {
    if (row.status().isEnded()) {
      return CancelResult.ENDED;
    }
    if (row.status() == SagaStatus.COMPENSATING || row.status() == SagaStatus.STUCK_BACKWARD) {
      return CancelResult.TURNED_BACK;
    }
    if (row.pivoted()) {
      return CancelResult.PAST_PIVOT;
    }
    return shape != null && row.position() < shape.steps().size() && mayHavePivoted(shape, row)
        ? CancelResult.PIVOT_UNKNOWN
        : CancelResult.REQUESTED;
  }

  private static SagaEffect turn(SagaShape<?> shape, SagaRow row, boolean deadlinePassed) {
    if (row.position() < 0) {
      return new Write(moved(SagaTransition.FINISH_BACK, shape, row, -1, false, null));
    }
    if (row.position() == shape.steps().size()) {
      return new Write(
          moved(SagaTransition.COMPLETE, shape, row, row.position(), row.pivoted(), null));
    }
    String cancel = row.cancel();
    if (cancel != null && mayTurnBack(shape, row)) {
      return new Write(turnedBack(
          SagaTransition.CANCEL, shape, row, isMaybe(shape, row), "cancelled: " + cancel));
    }
    if (deadlinePassed && mayTurnBack(shape, row)) {
      return new Write(
          turnedBack(SagaTransition.EXPIRE, shape, row, isMaybe(shape, row), "deadline passed"));
    }
    if (awaitsTurn(row)) {
      return new Write(waitingOn(row, WaitMachine.LONGEST));
    }
    if (row.crashes() >= MAX_CRASHES) {
      Outcome<NewState> lost = Outcome.unknown(new IllegalStateException(
          "the node that tried it was lost " + row.crashes() + " times in a row"));
      return ended(shape, row, new SagaInput.Ended(lost, true, 0));
    }
    return new Try();
  }

  /** Between attempts: not after the pivot, and not while the pivot may have happened. */
  private static boolean mayTurnBack(SagaShape<?> shape, SagaRow row) {
    return row.status() == SagaStatus.RUNNING && !row.pivoted() && !mayHavePivoted(shape, row);
  }

  private static boolean mayHavePivoted(SagaShape<?> shape, SagaRow row) {
    return shape.steps().get(row.position()).pivot() && isMaybe(shape, row);
  }

  private static boolean isMaybe(SagaShape<?> shape, SagaRow row) {
    return shape.steps().get(row.position()).leavesMaybe()
        && !awaitsTurn(row)
        && (row.maybe() || row.attempts() + row.crashes() > 0);
  }

  /** Whether something of the step at the cursor may have begun: a call, a message, a wait. A failed local step is rolled back. */
  static boolean isTried(SagaShape<?> shape, SagaRow row) {
    return !(shape.steps().get(row.position()).forward() instanceof StepBody.Local)
        && !awaitsTurn(row)
        && (row.maybe() || row.attempts() + row.crashes() > 0);
  }

  /** Nothing of it has been tried: its target is another one's yet. */
  private static boolean awaitsTurn(SagaRow row) {
    SagaTarget target = row.target();
    return target != null && !target.held() && row.status() == SagaStatus.RUNNING;
  }

  private static SagaEffect ended(SagaShape<?> shape, SagaRow row, SagaInput.Ended ended) {
    return row.status() == SagaStatus.RUNNING
        ? forward(shape, row, ended)
        : backward(shape, row, ended);
  }

  private static SagaEffect forward(SagaShape<?> shape, SagaRow row, SagaInput.Ended ended) {
    StepShape<?> step = shape.steps().get(row.position());
    Outcome<NewState> outcome = ended.outcome();
    if (outcome instanceof Outcome.Done<NewState> done) {
      boolean pivoted = row.pivoted() || step.pivot();
      int next = row.position() + 1;
      SagaTransition arrow = next == shape.steps().size()
          ? SagaTransition.COMPLETE
          : step.pivot() ? SagaTransition.PASS_PIVOT : SagaTransition.ADVANCE;
      return new Write(moved(arrow, shape, row, next, pivoted, done.output().bytes()));
    }
    if (outcome instanceof Outcome.Rejected<NewState> rejected) {
      return failed(shape, row, mayHaveLeft(shape, row, step), rejected.reason());
    }
    if (!ended.last() && row.attempts() + 1 < step.retry().maxAttempts()) {
      return park(SagaTransition.PARK, row, step.retry(), ended, !row.pivoted() && !step.pivot());
    }
    return failed(shape, row, step.leavesMaybe(), error(outcome));
  }

  /** What a definite no leaves to be compensated: an earlier attempt of a call, or the other branches. */
  private static boolean mayHaveLeft(SagaShape<?> shape, SagaRow row, StepShape<?> step) {
    if (step.forward() instanceof StepBody.Children) {
      return !step.pivot();
    }
    return step.forward() instanceof StepBody.Remote && isMaybe(shape, row);
  }

  /** The step at the cursor will not be tried again. */
  private static SagaEffect failed(SagaShape<?> shape, SagaRow row, boolean maybe, String reason) {
    boolean pivot = shape.steps().get(row.position()).pivot();
    return new Write(
        row.pivoted() || (pivot && maybe)
            ? stuck(SagaTransition.STICK, row, maybe, reason)
            : turnedBack(SagaTransition.TURN_BACK, shape, row, maybe, reason));
  }

  private static SagaEffect backward(SagaShape<?> shape, SagaRow row, SagaInput.Ended ended) {
    StepShape<?> step = shape.steps().get(row.position());
    Outcome<NewState> outcome = ended.outcome();
    if (outcome instanceof Outcome.Done<NewState> done) {
      int next = shape.compensableFrom(row.position() - 1);
      SagaTransition arrow = next < 0 ? SagaTransition.FINISH_BACK : SagaTransition.UNDO;
      return new Write(moved(arrow, shape, row, next, false, done.output().bytes()));
    }
    if (outcome instanceof Outcome.Rejected<NewState> rejected) {
      return new Write(stuck(SagaTransition.STICK_BACK, row, false, rejected.reason()));
    }
    return !ended.last() && row.attempts() + 1 < step.retryBack().maxAttempts()
        ? park(SagaTransition.PARK_BACK, row, step.retryBack(), ended, false)
        : new Write(stuck(SagaTransition.STICK_BACK, row, false, error(outcome)));
  }

  private static SagaEffect broken(SagaShape<?> shape, SagaRow row, Throwable cause) {
    return new Write(
        row.status() == SagaStatus.RUNNING
            ? stuck(SagaTransition.STICK, row, isMaybe(shape, row), SagaMoves.text(cause))
            : stuck(SagaTransition.STICK_BACK, row, false, SagaMoves.text(cause)));
  }

  private static SagaEffect park(
      SagaTransition arrow, SagaRow row, Retry retry, SagaInput.Ended ended, boolean byDeadline) {
    Duration wait = ended.outcome() instanceof Outcome.Later<NewState> later
        ? later.delay()
        : spread(retry.bound(row.attempts() + 1), ended.chance());
    return new Write(waiting(arrow, row, wait, byDeadline, error(ended.outcome())));
  }

  /** Full jitter: between zero and the bound, at least a millisecond. */
  private static Duration spread(Duration bound, double chance) {
    return Duration.ofNanos(Math.max(1_000_000, (long) (bound.toNanos() * chance)));
  }
}
