package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.Ticker;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Operation;
import dev.msk.saga.Outcome;
import dev.msk.saga.SagaCall;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries the step at a saga's cursor once. A local step and the write of what came of it are one transaction, a command and its
 * write are another; a remote step is called outside any, and its write is left to whoever asked.
 */
final class StepRunner {

  private static final Logger log = LoggerFactory.getLogger(StepRunner.class);

  private final Transactor transactor;
  private final SagaStore store;
  private final Codec codec;
  private final @Nullable CommandSender commands;
  private final Chance chance;
  private final SagaRows rows;
  private final CallTimeouts timeouts;
  private final WaitRunner waits;
  private final ChildRunner children;
  private final Ticker ticker;

  StepRunner(EngineSettings settings, SagaRows rows, CallTimeouts timeouts) {
    this.transactor = settings.transactor();
    this.store = settings.store();
    this.codec = settings.codec();
    this.commands = settings.commands();
    this.chance = settings.chance();
    this.rows = rows;
    this.timeouts = timeouts;
    this.waits = new WaitRunner(store, rows);
    this.children = new ChildRunner(store, codec, chance);
    this.ticker = settings.ticker();
  }

  <S> Next run(SagaShape<S> shape, SagaRow row, S state, Operation operation) {
    StepAttempt<S> attempt = new StepAttempt<>(shape, row, state, operation, codec, chance);
    StepBody<S> body = shape.bodyAt(row);
    if (body instanceof StepBody.Local<S> local) {
      return local(attempt, local);
    }
    if (body instanceof StepBody.Remote<S> remote) {
      return remote(attempt, remote);
    }
    if (body instanceof StepBody.Send<S> send) {
      return send(attempt, send);
    }
    if (body instanceof StepBody.Children<S> sagas) {
      Next next = committed(attempt, tx -> children.run(tx, attempt, sagas));
      rows.othersAreDue();
      return next;
    }
    if (body instanceof StepBody.Await<S> await) {
      return waits.await(attempt, await);
    }
    return body instanceof StepBody.Timer<S> timer
        ? waits.timer(attempt, timer)
        : waits.until(attempt, (StepBody.Until<S>) body);
  }

  private <S> Next local(StepAttempt<S> attempt, StepBody.Local<S> body) {
    SagaRow row = attempt.row;
    Outcome<S> outcome;
    try (Scope called = attempt.context(null).makeCurrent()) {
      Written written = transactor.call(tx -> {
        Outcome<S> result = body.work().apply(tx, attempt.state);
        if (!(result instanceof Outcome.Done<S>)) {
          throw new RolledBack(result);
        }
        return written(tx, row, attempt.ended(result));
      });
      return Next.committed(rows.moved(row, written.move(), written.cancel()));
    } catch (RolledBack e) {
      outcome = e.outcome();
    } catch (Fenced e) {
      return Next.committed(rows.fenced(row));
    } catch (Exception | Error e) {
      if (e instanceof DatabaseException lost && lost.outcomeUnknown()) {
        return Next.committed(rows.reload(row));
      }
      outcome = Outcome.unknown(e);
    }
    return Next.toWrite(StepAttempt.move(attempt.decided(outcome)));
  }

  private <S> Next remote(StepAttempt<S> attempt, StepBody.Remote<S> body) {
    SagaRow row = attempt.row;
    String step = attempt.step();
    Deadline deadline = Deadline.after(body.timeout(), ticker);
    SagaCall call = new SagaCall(
        row.id(),
        row.businessKey(),
        step,
        CommandId.key(row.id(), step),
        row.attempts() + 1,
        deadline);
    Outcome<S> outcome;
    try (Scope called = attempt.context(deadline).makeCurrent()) {
      outcome = timeouts.call(call.idempotencyKey(), deadline, () -> {
        Outcome<S> result = body.work().apply(call, attempt.state);
        if (result instanceof Outcome.Rejected<S> && deadline.isExpired()) {
          throw new TimeoutException("too late to be a definite no: " + result);
        }
        return result;
      });
    } catch (Exception | Error e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      outcome = Outcome.unknown(e);
    }
    return Next.toWrite(StepAttempt.move(attempt.decided(outcome)));
  }

  private <S> Next send(StepAttempt<S> attempt, StepBody.Send<S> body) {
    SagaRow row = attempt.row;
    boolean undo = row.status() == SagaStatus.COMPENSATING;
    CommandId id = new CommandId(row.id(), attempt.step(), undo);
    return committed(attempt, tx -> {
      Optional<SagaReply> reply = store.reply(tx, row.id(), id.step(), undo);
      SagaEffect effect = reply.isPresent()
          ? attempt.answered(body.reader(), reply.get())
          : attempt.on(new SagaInput.NoReply());
      if (effect instanceof SagaEffect.Send) {
        Objects.requireNonNull(commands, "commands")
            .send(tx, row, id, body.command().apply(attempt.state));
      }
      return effect;
    });
  }

  /** What a step puts into the database, and what is to be written of it. */
  private interface Work {

    SagaEffect in(Connection tx) throws Exception;
  }

  private <S> Next committed(StepAttempt<S> attempt, Work work) {
    SagaRow row = attempt.row;
    try (Scope called = attempt.context(null).makeCurrent()) {
      Written written = transactor.call(tx -> written(tx, row, work.in(tx)));
      return Next.committed(rows.moved(row, written.move(), written.cancel()));
    } catch (Fenced e) {
      return Next.committed(rows.fenced(row));
    } catch (DatabaseException e) {
      log.warn("Saga {}: step {} again: {}", row.id(), row.step(), e.getMessage());
      return e.outcomeUnknown()
          ? Next.committed(rows.reload(row))
          : Next.toWrite(StepAttempt.move(attempt.ended(Outcome.unknown(e))));
    } catch (Exception | Error e) {
      return Next.toWrite(StepAttempt.move(attempt.ended(Outcome.unknown(e))));
    }
  }

  private Written written(Connection tx, SagaRow row, SagaEffect effect)
      throws SQLException, Fenced {
    SagaMove move = StepAttempt.move(effect);
    SagaMoved moved = store.move(tx, row.fence(), move);
    if (!moved.done()) {
      throw new Fenced();
    }
    return new Written(move, moved.cancel());
  }

  /** A move in a transaction that is about to be committed, and what the store told of it. */
  private record Written(SagaMove move, @Nullable String cancel) {}

  /** Rolls a local step back that is not done. */
  private static final class RolledBack extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Outcome<?> outcome;

    RolledBack(Outcome<?> outcome) {
      super(null, null, false, false);
      this.outcome = outcome;
    }

    @SuppressWarnings("unchecked")
    <S> Outcome<S> outcome() {
      return (Outcome<S>) outcome;
    }
  }

  /** Rolls back what was done for a saga that somebody else has. */
  private static final class Fenced extends Exception {

    private static final long serialVersionUID = 1L;

    Fenced() {
      super(null, null, false, false);
    }
  }
}
