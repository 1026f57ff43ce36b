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
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a claimed saga, step after step, until it waits, rests, or is no longer this node's.
 *
 * <p><b>Crash</b>, at each point. Between claim and first write: the row is as it was, and is taken over. In a local step: its work
 * and the row are one commit, so both happened or neither. In a remote step, or after its effect and before the row's write: the
 * row still points at the step, so it is called again with the same key. In a command step: command and row are one commit; the
 * reply is kept by the inbox's commit before it is applied. After a write: the row points at the next step.
 */
final class SagaWorker {

  private static final Logger log = LoggerFactory.getLogger(SagaWorker.class);
  private static final int MAX_CRASHES = 5;

  private final Map<DefinitionId, SagaShape<?>> shapes;
  private final Transactor transactor;
  private final SagaStore store;
  private final Codec codec;
  private final @Nullable CommandSender commands;
  private final SagaMachine machine;
  private final SagaRows rows;
  private final SagaTelemetry telemetry;
  private final CallTimeouts timeouts;
  private final Ticker ticker;
  private final Node node;

  SagaWorker(EngineSettings settings, CallTimeouts timeouts, Node node) {
    this.shapes = settings.shapes();
    this.transactor = settings.transactor();
    this.store = settings.store();
    this.codec = settings.codec();
    this.commands = settings.commands();
    this.machine = settings.machine();
    this.telemetry = settings.telemetry();
    this.rows = new SagaRows(transactor, store, telemetry, node);
    this.timeouts = timeouts;
    this.ticker = settings.ticker();
    this.node = node;
  }

  void run(SagaRow claimed) {
    @Nullable SagaRow row = claimed;
    Deadline deadline =
        claimed.untilDeadline() == null ? null : Deadline.after(claimed.untilDeadline(), ticker);
    try {
      while (row != null && node.holds(row.owner())) {
        if (node.isStopping()) {
          rows.handBack(row);
          return;
        }
        row = next(Objects.requireNonNull(shapes.get(row.definition())), row, deadline);
      }
    } catch (RuntimeException | Error e) {
      log.error(
          "Saga {} {}: stopped by an unexpected failure", claimed.definition(), claimed.id(), e);
      stop(claimed, e);
    }
  }

  /** Whatever failed would fail again at once: an operator must see it. */
  private void stop(SagaRow claimed, Throwable failure) {
    SagaRow row = rows.reload(claimed);
    if (row != null) {
      rows.write(row, machine.unreadable(row, failure));
    }
  }

  void handBack(SagaRow row) {
    rows.handBack(row);
  }

  private <S> @Nullable SagaRow next(SagaShape<S> shape, SagaRow row, @Nullable Deadline deadline) {
    if (row.position() < 0) {
      return rows.write(row, machine.finishBack(shape, row));
    }
    if (deadline != null && deadline.isExpired() && machine.mayExpire(shape, row)) {
      return rows.write(row, machine.expire(shape, row));
    }
    if (row.crashes() >= MAX_CRASHES) {
      Outcome<NewState> lost = Outcome.unknown(new IllegalStateException(
          "the node that tried it was lost " + row.crashes() + " times in a row"));
      return rows.write(row, machine.decide(shape, row, lost, true));
    }
    S state;
    try {
      state = codec.decode(row.state(), shape.stateType());
    } catch (RuntimeException e) {
      return rows.write(row, machine.unreadable(row, e));
    }
    StepShape<S> step = shape.steps().get(row.position());
    StepBody<S> body = row.status() == SagaStatus.COMPENSATING
        ? Objects.requireNonNull(step.backward())
        : step.forward();
    try (Operation operation = telemetry.step(row);
        Scope traced = operation.makeCurrent()) {
      Attempt<S> attempt = new Attempt<>(shape, row, state, operation);
      if (body instanceof StepBody.Local<S> local) {
        return attempt.local(local);
      }
      return body instanceof StepBody.Remote<S> remote
          ? attempt.remote(remote, step.name())
          : attempt.send((StepBody.Send<S>) body, step);
    }
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
          SagaMove chosen = decide(result, false);
          if (!store.move(tx, row.fence(), chosen)) {
            throw new Fenced();
          }
          return chosen;
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
      return rows.write(row, decided(outcome));
    }

    @Nullable
    SagaRow remote(StepBody.Remote<S> body, String step) {
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
      return rows.write(row, decided(outcome));
    }

    @Nullable
    SagaRow send(StepBody.Send<S> body, StepShape<S> step) {
      boolean undo = row.status() == SagaStatus.COMPENSATING;
      int sendings = (undo ? step.retryBack() : step.retry()).maxAttempts();
      CommandId id = new CommandId(row.id(), step.name(), undo);
      try (Scope called = context(null).makeCurrent()) {
        SagaMove move = transactor.call(tx -> {
          Optional<SagaReply> reply = store.reply(tx, row.id(), step.name(), undo);
          SagaMove chosen;
          if (reply.isPresent()) {
            chosen = answered(body, reply.get());
          } else if (row.attempts() >= sendings) {
            chosen = decide(
                Outcome.unknown(new TimeoutException("no reply to " + id + " within "
                    + body.timeout() + ", sent " + row.attempts() + " times")),
                true);
          } else {
            Objects.requireNonNull(commands, "commands")
                .send(tx, row, id, body.command().apply(state));
            chosen = machine.sent(shape, row, body.timeout());
          }
          if (!store.move(tx, row.fence(), chosen)) {
            throw new Fenced();
          }
          return chosen;
        });
        return rows.moved(row, move);
      } catch (Fenced e) {
        return rows.fenced(row);
      } catch (DatabaseException e) {
        log.warn("Saga {}: command {} again: {}", row.id(), id, e.getMessage());
        return e.outcomeUnknown()
            ? rows.reload(row)
            : rows.write(row, decide(Outcome.unknown(e), false));
      } catch (Exception | Error e) {
        return rows.write(row, decide(Outcome.unknown(e), false));
      }
    }

    private SagaMove answered(StepBody.Send<S> body, SagaReply reply) {
      try {
        return decide(body.reader().read(codec, reply, state), false);
      } catch (RuntimeException e) {
        return decide(
            Outcome.unknown(new IllegalStateException(
                "reply " + reply.type() + " " + reply.source() + "#" + reply.messageId()
                    + " cannot be read",
                e)),
            true);
      }
    }

    /** A state that cannot be encoded is a failed attempt. */
    private SagaMove decided(Outcome<S> outcome) {
      try {
        return decide(outcome, false);
      } catch (RuntimeException e) {
        return decide(Outcome.unknown(e), false);
      }
    }

    private SagaMove decide(Outcome<S> outcome, boolean last) {
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
      return machine.decide(shape, row, encoded, last);
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
