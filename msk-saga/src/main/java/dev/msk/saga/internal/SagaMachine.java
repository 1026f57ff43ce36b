package dev.msk.saga.internal;

import dev.msk.saga.Outcome;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaRow;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the arrow: what becomes of a saga after an outcome, a deadline, or an operator's word. Touches nothing.
 *
 * <p>What is compensated is every step that is done and the step at the cursor if it may have taken place: its last outcome is not
 * a definite no, or an earlier attempt left a maybe behind. A failed local step is rolled back and leaves none.
 */
public final class SagaMachine {

  private static final int MAX_ERROR = 2_000;

  private final Chance chance;

  public SagaMachine(Chance chance) {
    this.chance = chance;
  }

  /** {@code last}: no further attempt may follow, whatever the retry policy says. A done outcome carries a changed state. */
  SagaMove decide(SagaShape<?> shape, SagaRow row, Outcome<NewState> outcome, boolean last) {
    return row.status() == SagaStatus.RUNNING
        ? forward(shape, row, outcome, last)
        : backward(shape, row, outcome, last);
  }

  private SagaMove forward(
      SagaShape<?> shape, SagaRow row, Outcome<NewState> outcome, boolean last) {
    StepShape<?> step = shape.steps().get(row.position());
    if (outcome instanceof Outcome.Done<NewState> done) {
      boolean pivoted = row.pivoted() || step.pivot();
      int next = row.position() + 1;
      if (next == shape.steps().size()) {
        return moved(
            SagaTransition.COMPLETE, shape, row, next, pivoted, done.output().bytes(), Then.REST);
      }
      SagaTransition arrow = step.pivot() ? SagaTransition.PASS_PIVOT : SagaTransition.ADVANCE;
      return moved(arrow, shape, row, next, pivoted, done.output().bytes(), Then.KEEP);
    }
    if (outcome instanceof Outcome.Rejected<NewState> rejected) {
      boolean earlierMaybe =
          step.forward() instanceof StepBody.Remote && row.attempts() + row.crashes() > 0;
      return row.pivoted() || (step.pivot() && earlierMaybe)
          ? failed(SagaTransition.STICK, row, rejected.reason())
          : turnBack(SagaTransition.TURN_BACK, shape, row, earlierMaybe, rejected.reason());
    }
    if (!last && row.attempts() + 1 < step.retry().maxAttempts()) {
      return park(SagaTransition.PARK, row, step.retry(), outcome, !row.pivoted() && !step.pivot());
    }
    return row.pivoted() || (step.pivot() && step.leavesMaybe())
        ? failed(SagaTransition.STICK, row, error(outcome))
        : turnBack(SagaTransition.TURN_BACK, shape, row, step.leavesMaybe(), error(outcome));
  }

  private SagaMove backward(
      SagaShape<?> shape, SagaRow row, Outcome<NewState> outcome, boolean last) {
    StepShape<?> step = shape.steps().get(row.position());
    if (outcome instanceof Outcome.Done<NewState> done) {
      int next = shape.compensableFrom(row.position() - 1);
      return next < 0
          ? moved(
              SagaTransition.FINISH_BACK, shape, row, -1, false, done.output().bytes(), Then.REST)
          : moved(SagaTransition.UNDO, shape, row, next, false, done.output().bytes(), Then.KEEP);
    }
    if (outcome instanceof Outcome.Rejected<NewState> rejected) {
      return failed(SagaTransition.STICK_BACK, row, rejected.reason());
    }
    return !last && row.attempts() + 1 < step.retryBack().maxAttempts()
        ? park(SagaTransition.PARK_BACK, row, step.retryBack(), outcome, false)
        : failed(SagaTransition.STICK_BACK, row, error(outcome));
  }

  /** Whether a deadline that has passed turns the saga back: not after the pivot, and not while the pivot may have happened. */
  boolean mayExpire(SagaShape<?> shape, SagaRow row) {
    if (row.status() != SagaStatus.RUNNING || row.pivoted()) {
      return false;
    }
    StepShape<?> step = shape.steps().get(row.position());
    return !step.pivot() || !step.leavesMaybe() || row.attempts() + row.crashes() == 0;
  }

  SagaMove expire(SagaShape<?> shape, SagaRow row) {
    boolean maybe =
        shape.steps().get(row.position()).leavesMaybe() && row.attempts() + row.crashes() > 0;
    return turnBack(SagaTransition.EXPIRE, shape, row, maybe, "deadline passed");
  }

  SagaMove sent(SagaShape<?> shape, SagaRow row, Duration timeout) {
    boolean back = row.status() == SagaStatus.COMPENSATING;
    SagaTransition arrow = back ? SagaTransition.SEND_BACK : SagaTransition.SEND;
    boolean byDeadline =
        !back && !row.pivoted() && !shape.steps().get(row.position()).pivot();
    return waiting(arrow, row, timeout, byDeadline, null);
  }

  /** Nothing was left to compensate from the beginning. */
  SagaMove finishBack(SagaShape<?> shape, SagaRow row) {
    return moved(SagaTransition.FINISH_BACK, shape, row, -1, false, null, Then.REST);
  }

  /** What runs cannot be read, or cannot be run at all. */
  SagaMove unreadable(SagaRow row, Throwable cause) {
    SagaTransition arrow =
        row.status() == SagaStatus.RUNNING ? SagaTransition.STICK : SagaTransition.STICK_BACK;
    return failed(arrow, row, text(cause));
  }

  public SagaMove resume(SagaRow row, String why) {
    SagaTransition arrow = row.status() == SagaStatus.STUCK_FORWARD
        ? SagaTransition.RESUME
        : SagaTransition.RESUME_BACK;
    return byOperator(arrow, row, row.position(), row.step(), Then.WAIT, why);
  }

  /** The step at the cursor counts as a maybe, if it can be. */
  public SagaMove compensate(SagaShape<?> shape, SagaRow row, String why) {
    int from =
        shape.steps().get(row.position()).leavesMaybe() ? row.position() : row.position() - 1;
    int position = shape.compensableFrom(from);
    return byOperator(
        SagaTransition.COMPENSATE, row, position, shape.stepName(position), Then.WAIT, why);
  }

  public SagaMove abandon(SagaRow row, String why) {
    SagaTransition arrow = row.status() == SagaStatus.STUCK_FORWARD
        ? SagaTransition.ABANDON
        : SagaTransition.ABANDON_BACK;
    return byOperator(arrow, row, row.position(), row.step(), Then.REST, why);
  }

  private SagaMove turnBack(
      SagaTransition arrow, SagaShape<?> shape, SagaRow row, boolean withCursor, String why) {
    int position = shape.compensableFrom(withCursor ? row.position() : row.position() - 1);
    return new SagaMove(
        arrow,
        position,
        shape.stepName(position),
        false,
        0,
        null,
        Then.KEEP,
        Duration.ZERO,
        false,
        bounded(why),
        row.step(),
        row.attempts() + 1,
        bounded(why));
  }

  private SagaMove park(
      SagaTransition arrow,
      SagaRow row,
      Retry retry,
      Outcome<NewState> outcome,
      boolean byDeadline) {
    Duration wait = outcome instanceof Outcome.Later<NewState> later
        ? later.delay()
        : chance.upTo(retry.bound(row.attempts() + 1));
    return waiting(arrow, row, wait, byDeadline, error(outcome));
  }

  private static SagaMove waiting(
      SagaTransition arrow,
      SagaRow row,
      Duration wait,
      boolean byDeadline,
      @Nullable String error) {
    int attempt = row.attempts() == Integer.MAX_VALUE ? row.attempts() : row.attempts() + 1;
    return new SagaMove(
        arrow,
        row.position(),
        row.step(),
        row.pivoted(),
        attempt,
        null,
        Then.WAIT,
        wait,
        byDeadline,
        row.status() == SagaStatus.COMPENSATING ? row.error() : error,
        row.step(),
        attempt,
        error);
  }

  private static SagaMove moved(
      SagaTransition arrow,
      SagaShape<?> shape,
      SagaRow row,
      int position,
      boolean pivoted,
      byte @Nullable [] state,
      Then then) {
    boolean back = arrow.to() != SagaStatus.RUNNING && arrow.to() != SagaStatus.COMPLETED;
    return new SagaMove(
        arrow,
        position,
        shape.stepName(position),
        pivoted,
        0,
        state,
        then,
        Duration.ZERO,
        false,
        back ? row.error() : null,
        row.step(),
        row.attempts() + 1,
        null);
  }

  private static SagaMove failed(SagaTransition arrow, SagaRow row, String error) {
    return new SagaMove(
        arrow,
        row.position(),
        row.step(),
        row.pivoted(),
        row.attempts(),
        null,
        Then.REST,
        Duration.ZERO,
        false,
        bounded(error),
        row.step(),
        row.attempts() + 1,
        bounded(error));
  }

  private static SagaMove byOperator(
      SagaTransition arrow,
      SagaRow row,
      int position,
      @Nullable String step,
      Then then,
      String why) {
    return new SagaMove(
        arrow,
        position,
        step,
        row.pivoted(),
        0,
        null,
        then,
        Duration.ZERO,
        false,
        bounded(why),
        row.step(),
        0,
        bounded(why));
  }

  private static String error(Outcome<NewState> outcome) {
    if (outcome instanceof Outcome.Unknown<NewState> unknown) {
      return text(unknown.cause());
    }
    return outcome instanceof Outcome.Later<NewState> later
        ? "later, in " + later.delay()
        : outcome.toString();
  }

  private static String text(Throwable failure) {
    Throwable cause = failure.getCause();
    return bounded(cause == null ? failure.toString() : failure + ", caused by " + cause);
  }

  private static String bounded(String text) {
    String clean = text.replace('\0', '\uFFFD');
    return clean.length() <= MAX_ERROR ? clean : clean.substring(0, MAX_ERROR);
  }
}
