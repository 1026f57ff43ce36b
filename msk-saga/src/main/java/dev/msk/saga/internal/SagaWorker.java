package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.Ticker;
import dev.msk.core.telemetry.Operation;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaRow;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a claimed saga, step after step, until it waits, rests, or is no longer this node's.
 *
 * <p><b>Crash</b>, at each point. Between start or claim and first write: the row is as it was, and is taken over. In a local step: its work
 * and the row are one commit, so both happened or neither. In a remote step, or after its effect and before the row's write: the
 * row still points at the step, so it is called again with the same key. In a command step: command and row are one commit; the
 * reply is kept by the inbox's commit before it is applied. After a write: the row points at the next step.
 */
final class SagaWorker {

  private static final Logger log = LoggerFactory.getLogger(SagaWorker.class);

  private final Map<DefinitionId, SagaShape<?>> shapes;
  private final Codec codec;
  private final SagaRows rows;
  private final StepRunner steps;
  private final GroupCommit commits;
  private final SagaTelemetry telemetry;
  private final Ticker ticker;
  private final Node node;

  SagaWorker(EngineSettings settings, CallTimeouts timeouts, Node node) {
    this.shapes = settings.shapes();
    this.codec = settings.codec();
    this.telemetry = settings.telemetry();
    this.rows = new SagaRows(settings.transactor(), settings.store(), settings.telemetry(), node);
    this.steps = new StepRunner(settings, rows, timeouts);
    this.commits = new GroupCommit(settings, rows);
    this.ticker = settings.ticker();
    this.node = node;
  }

  /** {@code done} is run when this node has no more to do with it, in this thread or in another. */
  void run(SagaRow claimed, Runnable done) {
    new Work(claimed, done).goOn(() -> claimed);
  }

  /**
   * Runs a saga that was begun here behind a savepoint. Its transaction was committed, but may have gone back to the savepoint before: what
   * a remote step does is not rolled back when the write is refused, so the row is looked for first.
   */
  void begin(SagaRow begun, Runnable done) {
    new Work(begun, done).goOn(() -> beginsElsewhere(begun) ? rows.reload(begun) : begun);
  }

  private boolean beginsElsewhere(SagaRow begun) {
    return shape(begun).bodyAt(begun) instanceof StepBody.Remote<?>;
  }

  /** One saga, from its claim on. One thread at a time works on it. */
  private final class Work implements GroupCommit.Continuation {

    private final SagaRow claimed;
    private final @Nullable Deadline deadline;
    private final Runnable done;

    Work(SagaRow claimed, Runnable done) {
      this.claimed = claimed;
      this.deadline =
          claimed.untilDeadline() == null ? null : Deadline.after(claimed.untilDeadline(), ticker);
      this.done = done;
    }

    @Override
    public void goOn(GroupCommit.Outcome outcome) {
      boolean elsewhere = false;
      try {
        elsewhere = isWrittenElsewhere(outcome.row());
      } catch (RuntimeException | Error e) {
        log.error(
            "Saga {} {}: stopped by an unexpected failure", claimed.definition(), claimed.id(), e);
        fail(claimed, e);
      } finally {
        if (!elsewhere) {
          done.run();
        }
      }
    }

    @Override
    public void stop(GroupCommit.Outcome outcome) {
      try {
        SagaRow row = outcome.row();
        if (row != null) {
          rows.handBack(row);
        }
      } catch (RuntimeException | Error e) {
        log.error("Saga {} {}: not handed back", claimed.definition(), claimed.id(), e);
      } finally {
        done.run();
      }
    }

    /** Goes on as long as this thread can. */
    private boolean isWrittenElsewhere(@Nullable SagaRow from) {
      @Nullable SagaRow row = from;
      while (row != null && node.holds(row.owner())) {
        if (node.isStopping()) {
          rows.handBack(row);
          return false;
        }
        Next next = next(shape(row), row, deadline);
        SagaMove move = next.move();
        if (move == null) {
          row = next.row();
          continue;
        }
        GroupCommit.Settled settled = commits.write(row, move, this);
        if (settled == null) {
          return true;
        }
        row = settled.row();
      }
      return false;
    }
  }

  /** Whatever failed would fail again at once: an operator must see it. */
  private void fail(SagaRow claimed, Throwable failure) {
    SagaRow row = rows.reload(claimed);
    if (row != null) {
      rows.write(row, broken(shape(row), row, failure));
    }
  }

  void handBack(SagaRow row) {
    rows.handBack(row);
  }

  private <S> Next next(SagaShape<S> shape, SagaRow row, @Nullable Deadline deadline) {
    boolean deadlinePassed = deadline != null && deadline.isExpired();
    SagaEffect effect = SagaMachine.on(shape, row, new SagaInput.Turn(deadlinePassed));
    if (effect instanceof SagaEffect.Write write) {
      return Next.toWrite(write.move());
    }
    S state;
    try {
      state = codec.decode(row.state(), shape.stateType());
    } catch (RuntimeException e) {
      return Next.toWrite(broken(shape, row, e));
    }
    try (Operation operation = telemetry.step(row);
        Scope traced = operation.makeCurrent()) {
      return steps.run(shape, row, state, operation);
    }
  }

  private static SagaMove broken(SagaShape<?> shape, SagaRow row, Throwable failure) {
    return ((SagaEffect.Write) SagaMachine.on(shape, row, new SagaInput.Broken(failure))).move();
  }

  private SagaShape<?> shape(SagaRow row) {
    return Objects.requireNonNull(shapes.get(row.definition()), "definition");
  }
}
