package dev.msk.saga.internal;

import dev.msk.core.CallContext;
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
 * Tries the step at a saga's cursor once and writes what came of it. A local step and its write are one transaction, a command and
 * its write are another; a remote step is called outside any.
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
  private final Ticker ticker;

  StepRunner(EngineSettings settings, SagaRows rows, CallTimeouts timeouts) {
    this.transactor = settings.transactor();
    this.store = settings.store();
    this.codec = settings.codec();
    this.commands = settings.commands();
    this.chance = settings.chance();
    this.rows = rows;
    this.timeouts = timeouts;
    this.ticker = settings.ticker();
  }

  /** The row to go on with; null when it waits, rests, or is no longer ours. */
  <S> @Nullable SagaRow run(SagaShape<S> shape, SagaRow row, S state, Operation operation) {
    Attempt<S> attempt = new Attempt<>(shape, row, state, operation);
    StepBody<S> body = shape.bodyAt(row);
    if (body instanceof StepBody.Local<S> local) {
      return attempt.local(local);
    }
    return body instanceof StepBody.Remote<S> remote
        ? attempt.remote(remote)
        : attempt.send((StepBody.Send<S>) body);
  }

  /** One attempt at one step. */
  private final class Attempt<S> {

    private final SagaShape<S> shape;
    private final SagaRow row;
    private final S state;
    private final Operation operation;

    Attempt(SagaShape<S> shape, SagaRow row, S state, Operation operation) {
      this.shape = shape;
      this.row = row;
      this.state = state;
      this.operation = operation;
    }

    @Nullable
    SagaRow local(StepBody.Local<S> body) {
      Outcome<S> outcome;
      try (Scope called = context(null).makeCurrent()) {
        SagaMove move = transactor.call(tx -> {
          Outcome<S> result = body.work().apply(tx, state);
          if (!(result instanceof Outcome.Done<S>)) {
            throw new RolledBack(result);
          }
          return written(tx, ended(result, false));
        });
        return rows.moved(row, move);
      } catch (RolledBack e) {
        outcome = e.outcome();
      } catch (Fenced e) {
        return rows.fenced(row);
      } catch (Exception | Error e) {
        if (e instanceof DatabaseException lost && lost.outcomeUnknown()) {
          return rows.reload(row);
        }
        outcome = Outcome.unknown(e);
      }
      return rows.write(row, move(decided(outcome)));
    }

    @Nullable
    SagaRow remote(StepBody.Remote<S> body) {
      String step = step();
      Deadline deadline = Deadline.after(body.timeout(), ticker);
      SagaCall call = new SagaCall(
          row.id(),
          row.businessKey(),
          step,
          CommandId.key(row.id(), step),
          row.attempts() + 1,
          deadline);
      Outcome<S> outcome;
      try (Scope called = context(deadline).makeCurrent()) {
        outcome = timeouts.call(call.idempotencyKey(), deadline, () -> {
          Outcome<S> result = body.work().apply(call, state);
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
      return rows.write(row, move(decided(outcome)));
    }

    @Nullable
    SagaRow send(StepBody.Send<S> body) {
      boolean undo = row.status() == SagaStatus.COMPENSATING;
      CommandId id = new CommandId(row.id(), step(), undo);
      try (Scope called = context(null).makeCurrent()) {
        SagaMove move = transactor.call(tx -> {
          Optional<SagaReply> reply = store.reply(tx, row.id(), id.step(), undo);
          SagaEffect effect = reply.isPresent()
              ? answered(body, reply.get())
              : SagaMachine.on(shape, row, new SagaInput.NoReply());
          if (effect instanceof SagaEffect.Send) {
            Objects.requireNonNull(commands, "commands")
                .send(tx, row, id, body.command().apply(state));
          }
          return written(tx, effect);
        });
        return rows.moved(row, move);
      } catch (Fenced e) {
        return rows.fenced(row);
      } catch (DatabaseException e) {
        log.warn("Saga {}: command {} again: {}", row.id(), id, e.getMessage());
        return e.outcomeUnknown()
            ? rows.reload(row)
            : rows.write(row, move(ended(Outcome.unknown(e), false)));
      } catch (Exception | Error e) {
        return rows.write(row, move(ended(Outcome.unknown(e), false)));
      }
    }

    private SagaEffect answered(StepBody.Send<S> body, SagaReply reply) {
      try {
        return ended(body.reader().read(codec, reply, state), false);
      } catch (RuntimeException e) {
        return ended(
            Outcome.unknown(new IllegalStateException(
                "reply " + reply.type() + " " + reply.source() + "#" + reply.messageId()
                    + " cannot be read",
                e)),
            true);
      }
    }

    /** A state that cannot be encoded is a failed attempt. */
    private SagaEffect decided(Outcome<S> outcome) {
      try {
        return ended(outcome, false);
      } catch (RuntimeException e) {
        return ended(Outcome.unknown(e), false);
      }
    }

    private SagaEffect ended(Outcome<S> outcome, boolean last) {
      Outcome<NewState> encoded;
      if (outcome instanceof Outcome.Done<S> done) {
        encoded =
            Outcome.done(new NewState(done.output() == state ? null : codec.encode(done.output())));
      } else if (outcome instanceof Outcome.Rejected<S> rejected) {
        encoded = Outcome.rejected(rejected.reason());
        operation.outcome("rejected").attribute("saga.rejected", rejected.reason());
      } else if (outcome instanceof Outcome.Later<S> later) {
        encoded = Outcome.later(later.delay());
        operation.outcome("later");
      } else {
        Throwable cause = ((Outcome.Unknown<S>) outcome).cause();
        encoded = Outcome.unknown(cause);
        operation.error(cause);
        log.info(
            "Saga {} {} {}: attempt {} failed: {}",
            row.definition(),
            row.businessKey(),
            row.step(),
            row.attempts() + 1,
            cause.toString());
      }
      return SagaMachine.on(shape, row, new SagaInput.Ended(encoded, last, chance.fraction()));
    }

    private SagaMove written(Connection tx, SagaEffect effect) throws SQLException, Fenced {
      SagaMove move = move(effect);
      if (!store.move(tx, row.fence(), move)) {
        throw new Fenced();
      }
      return move;
    }

    private String step() {
      return Objects.requireNonNull(row.step(), "step");
    }

    private CallContext context(@Nullable Deadline deadline) {
      CallContext.Builder context = CallContext.builder();
      String correlation = CommandSender.correlation(row);
      if (correlation.length() <= CallContext.MAX_CORRELATION_ID_LENGTH) {
        context.correlationId(correlation);
      }
      if (deadline != null) {
        context.deadline(deadline);
      }
      return context.build();
    }
  }

  private static SagaMove move(SagaEffect effect) {
    if (effect instanceof SagaEffect.Write write) {
      return write.move();
    }
    return ((SagaEffect.Send) effect).move();
  }

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
