package dev.msk.saga.internal;

import dev.msk.saga.Outcome;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaRow;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The forms that moves have. */
final class SagaMoves {

  private static final int MAX_ERROR = 2_000;

  private SagaMoves() {}

  /** The owner goes on at another step, or the saga has ended. */
  static SagaMove moved(
      SagaTransition arrow,
      SagaShape<?> shape,
      SagaRow row,
      int position,
      boolean pivoted,
      byte @Nullable [] state) {
    boolean back = arrow.to() != SagaStatus.RUNNING && arrow.to() != SagaStatus.COMPLETED;
    return new SagaMove(
        arrow,
        position,
        shape.stepName(position),
        pivoted,
        0,
        false,
        state,
        arrow.to().isEnded() ? Then.REST : Then.KEEP,
        Duration.ZERO,
        false,
        back ? row.error() : null,
        row.step(),
        row.attempts() + 1,
        null);
  }

  /** Nobody owns the saga until a time, which its deadline may cut short. */
  static SagaMove waiting(
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
        row.maybe(),
        null,
        Then.WAIT,
        wait,
        byDeadline,
        row.status() == SagaStatus.COMPENSATING ? row.error() : error,
        row.step(),
        attempt,
        error);
  }

  /** Nobody owns the saga, which was woken before its time or its turn, until that. */
  static SagaMove waitingOn(SagaRow row, Duration left) {
    return new SagaMove(
        SagaTransition.AWAIT,
        row.position(),
        row.step(),
        row.pivoted(),
        row.attempts(),
        row.maybe(),
        null,
        Then.WAIT,
        left,
        !row.pivoted(),
        row.error(),
        row.step(),
        row.attempts(),
        null);
  }

  /** The owner goes on backwards. */
  static SagaMove turnedBack(
      SagaTransition arrow, SagaShape<?> shape, SagaRow row, boolean withCursor, String why) {
    int position = shape.compensableFrom(withCursor ? row.position() : row.position() - 1);
    return new SagaMove(
        arrow,
        position,
        shape.stepName(position),
        false,
        0,
        false,
        null,
        Then.KEEP,
        Duration.ZERO,
        false,
        bounded(why),
        row.step(),
        row.attempts() + 1,
        bounded(why));
  }

  /** A completed saga goes backwards, whoever claims it. */
  static SagaMove revoked(SagaShape<?> shape, SagaRow row, String why) {
    SagaMove back = turnedBack(SagaTransition.REVOKE, shape, row, false, why);
    return new SagaMove(
        back.transition(),
        back.position(),
        back.step(),
        false,
        0,
        false,
        null,
        Then.WAIT,
        Duration.ZERO,
        false,
        back.error(),
        null,
        0,
        null);
  }

  /** Nothing happens until an operator acts. */
  static SagaMove stuck(SagaTransition arrow, SagaRow row, boolean maybe, String error) {
    return new SagaMove(
        arrow,
        row.position(),
        row.step(),
        row.pivoted(),
        row.attempts(),
        maybe,
        null,
        Then.REST,
        Duration.ZERO,
        false,
        bounded(error),
        row.step(),
        row.attempts() + 1,
        bounded(error));
  }

  /** An operator acts; the attempts begin anew, and a maybe among the old ones is kept in mind if the step stays. */
  static SagaMove operated(
      SagaTransition arrow,
      SagaRow row,
      int position,
      @Nullable String step,
      boolean pivoted,
      String why) {
    return new SagaMove(
        arrow,
        position,
        step,
        pivoted,
        0,
        row.maybe() && position == row.position(),
        null,
        arrow.to().isEnded() ? Then.REST : Then.WAIT,
        Duration.ZERO,
        false,
        bounded(why),
        row.step(),
        0,
        bounded(why));
  }

  static String error(Outcome<?> outcome) {
    if (outcome instanceof Outcome.Unknown<?> unknown) {
      return text(unknown.cause());
    }
    return outcome instanceof Outcome.Later<?> later
        ? "later, in " + later.delay()
        : outcome.toString();
  }

  static String text(Throwable failure) {
    Throwable cause = failure.getCause();
    return bounded(cause == null ? failure.toString() : failure + ", caused by " + cause);
  }

  private static String bounded(String text) {
    String clean = text.replace('\0', '\uFFFD');
    return clean.length() <= MAX_ERROR ? clean : clean.substring(0, MAX_ERROR);
  }
}
