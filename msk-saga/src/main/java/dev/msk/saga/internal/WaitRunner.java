package dev.msk.saga.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.saga.Outcome;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether what a step waits for has come, and says what is to be written. What comes between the look and the write takes the row
 * from its owner, so that the write is refused and whoever claims the saga next looks again. A look that fails is no attempt.
 */
final class WaitRunner {

  private static final Logger log = LoggerFactory.getLogger(WaitRunner.class);

  private final SagaStore store;
  private final SagaRows rows;

  WaitRunner(SagaStore store, SagaRows rows) {
    this.store = store;
    this.rows = rows;
  }

  <S> Next await(StepAttempt<S> attempt, StepBody.Await<S> body) {
    SagaRow row = attempt.row;
    Optional<SagaReply> came;
    try {
      came = rows.read(tx -> store.reply(tx, row.id(), attempt.step(), false));
    } catch (DatabaseException e) {
      return again(row, e);
    }
    return write(
        came.isPresent()
            ? attempt.answered(body.reader(), came.get())
            : attempt.on(new SagaInput.NoReply()));
  }

  <S> Next timer(StepAttempt<S> attempt, StepBody.Timer<S> body) {
    SagaRow row = attempt.row;
    Duration left = row.attempts() == 0
        ? body.length()
        : Objects.requireNonNullElse(row.waitLeft(), Duration.ZERO);
    return write(
        WaitMachine.isOver(left)
            ? over(attempt, body.then())
            : attempt.on(new SagaInput.TimeLeft(left)));
  }

  <S> Next until(StepAttempt<S> attempt, StepBody.Until<S> body) {
    SagaRow row = attempt.row;
    Instant now;
    try {
      now = rows.read(tx -> store.now(tx));
    } catch (DatabaseException e) {
      return again(row, e);
    }
    SagaEffect effect;
    try {
      Duration left = Duration.between(now, body.until().apply(attempt.state));
      effect = WaitMachine.isOver(left)
          ? over(attempt, body.then())
          : attempt.on(new SagaInput.TimeLeft(left));
    } catch (RuntimeException e) {
      effect = attempt.decided(Outcome.unknown(e));
    }
    return write(effect);
  }

  private static <S> SagaEffect over(StepAttempt<S> attempt, UnaryOperator<S> then) {
    try {
      return attempt.decided(Outcome.done(then.apply(attempt.state)));
    } catch (RuntimeException e) {
      return attempt.decided(Outcome.unknown(e));
    }
  }

  private static Next write(SagaEffect effect) {
    return Next.toWrite(StepAttempt.move(effect));
  }

  private Next again(SagaRow row, DatabaseException e) {
    log.warn("Saga {} {}: looks again: {}", row.id(), row.step(), e.getMessage());
    return Next.committed(rows.reload(row));
  }
}
