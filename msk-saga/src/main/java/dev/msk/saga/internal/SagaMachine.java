package dev.msk.saga.internal;

import static dev.msk.saga.internal.SagaMoves.error;
import static dev.msk.saga.internal.SagaMoves.moved;
import static dev.msk.saga.internal.SagaMoves.operated;
import static dev.msk.saga.internal.SagaMoves.stuck;
import static dev.msk.saga.internal.SagaMoves.turnedBack;
import static dev.msk.saga.internal.SagaMoves.waiting;

import dev.msk.saga.Outcome;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.internal.SagaEffect.Refuse;
import dev.msk.saga.internal.SagaEffect.Send;
import dev.msk.saga.internal.SagaEffect.Try;
import dev.msk.saga.internal.SagaEffect.Write;
import dev.msk.saga.spi.SagaRow;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The machine of a saga: its row and an input give an effect. Pure functions: no clock, no chance, no database, so that whoever
 * drives them, the coordinator or a simulator, drives the same machine.
 *
 * <p>What is compensated is every step that is done and the step at the cursor if it may have taken place: its last outcome is not
 * a definite no, or an earlier attempt left a maybe behind. A failed local step is rolled back and leaves none.
 */
public final class SagaMachine {

  private static final int MAX_CRASHES = 5;

  private SagaMachine() {}

  static SagaEffect on(SagaShape<?> shape, SagaRow row, SagaInput input) {
    if (input instanceof SagaInput.Turn turn) {
      return turn(shape, row, turn.deadlinePassed());
    }
    if (input instanceof SagaInput.Ended ended) {
      return ended(shape, row, ended);
    }
    return input instanceof SagaInput.Broken broken
        ? broken(shape, row, broken.cause())
        : noReply(shape, row);
  }

  /** {@code shape} is null where the definition is not registered. */
  public static SagaEffect byOperator(
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

  private static SagaEffect turn(SagaShape<?> shape, SagaRow row, boolean deadlinePassed) {
    if (row.position() < 0) {
      return new Write(moved(SagaTransition.FINISH_BACK, shape, row, -1, false, null));
    }
    if (row.position() == shape.steps().size()) {
      return new Write(
          moved(SagaTransition.COMPLETE, shape, row, row.position(), row.pivoted(), null));
    }
    if (deadlinePassed && mayTurnBack(shape, row)) {
      return new Write(
          turnedBack(SagaTransition.EXPIRE, shape, row, isMaybe(shape, row), "deadline passed"));
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
    return row.status() == SagaStatus.RUNNING
        && !row.pivoted()
        && !(shape.steps().get(row.position()).pivot() && isMaybe(shape, row));
  }

  private static boolean isMaybe(SagaShape<?> shape, SagaRow row) {
    return shape.steps().get(row.position()).leavesMaybe()
        && (row.maybe() || row.attempts() + row.crashes() > 0);
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
      boolean earlierMaybe = step.forward() instanceof StepBody.Remote && isMaybe(shape, row);
      return failed(shape, row, earlierMaybe, rejected.reason());
    }
    if (!ended.last() && row.attempts() + 1 < step.retry().maxAttempts()) {
      return park(SagaTransition.PARK, row, step.retry(), ended, !row.pivoted() && !step.pivot());
    }
    return failed(shape, row, step.leavesMaybe(), error(outcome));
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

  private static SagaEffect noReply(SagaShape<?> shape, SagaRow row) {
    StepShape<?> step = shape.steps().get(row.position());
    boolean back = row.status() == SagaStatus.COMPENSATING;
    StepBody.Send<?> body = (StepBody.Send<?>) shape.bodyAt(row);
    if (row.attempts() >= (back ? step.retryBack() : step.retry()).maxAttempts()) {
      Outcome<NewState> silent = Outcome.unknown(new TimeoutException("no reply to "
          + new CommandId(row.id(), step.name(), back) + " within " + body.timeout() + ", sent "
          + row.attempts() + " times"));
      return ended(shape, row, new SagaInput.Ended(silent, true, 0));
    }
    SagaTransition arrow = back ? SagaTransition.SEND_BACK : SagaTransition.SEND;
    boolean byDeadline = !back && !row.pivoted() && !step.pivot();
    return new Send(waiting(arrow, row, body.timeout(), byDeadline, null));
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
