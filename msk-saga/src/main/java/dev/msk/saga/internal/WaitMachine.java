package dev.msk.saga.internal;

import static dev.msk.saga.internal.SagaMoves.waiting;
import static dev.msk.saga.internal.SagaMoves.waitingOn;

import dev.msk.saga.OnTimeout;
import dev.msk.saga.Outcome;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.internal.SagaEffect.Send;
import dev.msk.saga.internal.SagaEffect.Write;
import dev.msk.saga.spi.SagaRow;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * The part of the {@link SagaMachine} that decides at steps which wait: for a reply, for an event or a signal, for a time. A saga
 * that was woken before its time waits for the rest. Pure functions.
 */
final class WaitMachine {

  static final Duration LONGEST = Duration.ofDays(3650);
  private static final Duration TICK = Duration.ofMillis(1);

  private WaitMachine() {}

  /** Whether a time has come; to the millisecond, since less is not worth a wait. */
  static boolean isOver(Duration left) {
    return left.compareTo(TICK) < 0;
  }

  static SagaEffect nothingCame(SagaShape<?> shape, SagaRow row) {
    StepBody<?> body = shape.bodyAt(row);
    return body instanceof StepBody.Await<?> await
        ? unheard(shape, row, await)
        : unanswered(shape, row, (StepBody.Send<?>) body);
  }

  static SagaEffect timeLeft(SagaRow row, Duration left) {
    Duration wait = left.compareTo(LONGEST) < 0 ? left : LONGEST;
    return row.attempts() == 0 ? begins(row, wait) : new Write(waitingOn(row, wait));
  }

  private static SagaEffect unheard(SagaShape<?> shape, SagaRow row, StepBody.Await<?> body) {
    if (row.attempts() == 0) {
      return begins(row, body.timeout());
    }
    Duration left = row.waitLeft();
    if (left != null && !isOver(left)) {
      return new Write(waitingOn(row, left));
    }
    int atMost = shape.steps().get(row.position()).retry().maxAttempts();
    if (body.onTimeout() == OnTimeout.WAIT_AGAIN && row.attempts() < atMost) {
      return begins(row, body.timeout());
    }
    String silence = "nothing came within " + body.timeout();
    Outcome<NewState> outcome = switch (body.onTimeout()) {
      case COMPENSATE -> Outcome.rejected(silence);
      case GO_ON -> Outcome.done(new NewState(null));
      case WAIT_AGAIN ->
        Outcome.unknown(new TimeoutException(silence + ", " + row.attempts() + " times"));
    };
    return SagaMachine.on(shape, row, new SagaInput.Ended(outcome, true, 0));
  }

  /** Nothing has happened that could have to be undone: what turns the saga back may wake it, also at the pivot. */
  private static SagaEffect begins(SagaRow row, Duration wait) {
    return new Write(waiting(SagaTransition.AWAIT, row, wait, !row.pivoted(), null));
  }

  private static SagaEffect unanswered(SagaShape<?> shape, SagaRow row, StepBody.Send<?> body) {
    StepShape<?> step = shape.steps().get(row.position());
    boolean back = row.status() == SagaStatus.COMPENSATING;
    if (row.attempts() >= (back ? step.retryBack() : step.retry()).maxAttempts()) {
      Outcome<NewState> silent = Outcome.unknown(new TimeoutException("no reply to "
          + new CommandId(row.id(), step.name(), back) + " within " + body.timeout() + ", sent "
          + row.attempts() + " times"));
      return SagaMachine.on(shape, row, new SagaInput.Ended(silent, true, 0));
    }
    SagaTransition arrow = back ? SagaTransition.SEND_BACK : SagaTransition.SEND;
    boolean byDeadline = !back && !row.pivoted() && !step.pivot();
    return new Send(waiting(arrow, row, body.timeout(), byDeadline, null));
  }
}
