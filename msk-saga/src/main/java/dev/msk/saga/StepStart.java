package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.util.function.Function;

/**
 * Says what a step does: in the database of the saga, by a call, or by a message. Confined to one thread.
 *
 * @param <S> the saga's state
 */
public final class StepStart<S> {

  final SagaDefinition.Builder<S> saga;
  final String name;
  final boolean pivot;

  StepStart(SagaDefinition.Builder<S> saga, String name, boolean pivot) {
    this.saga = saga;
    this.name = name;
    this.pivot = pivot;
  }

  /**
   * Work in the saga's own database, in one commit with the saga's row: exactly once. An attempt that throws is rolled back, so
   * nothing of it is left to compensate.
   *
   * @param action gets the connection of the transaction, which it must neither commit nor close
   * @param <O> what it returns, for {@link StepBuilder#apply}
   * @return the rest of the step
   */
  public <O> LocalStep<S, O> local(StepFunction<Connection, S, O> action) {
    requireNonNull(action, "action");
    return localOutcome((tx, state) -> Outcome.done(action.apply(tx, state)));
  }

  /**
   * As {@link #local}, without a result.
   *
   * @param action gets the connection of the transaction
   * @return the rest of the step
   */
  public LocalStep<S, Nothing> localRun(StepAction<Connection, S> action) {
    requireNonNull(action, "action");
    return local((tx, state) -> {
      action.accept(tx, state);
      return Nothing.NOTHING;
    });
  }

  /**
   * As {@link #local}, for work that knows its outcome; everything but {@link Outcome.Done} rolls its transaction back.
   *
   * @param action gets the connection of the transaction
   * @param <O> what it returns
   * @return the rest of the step
   */
  public <O> LocalStep<S, O> localOutcome(StepFunction<Connection, S, Outcome<O>> action) {
    return saga.add(new LocalStep<>(this, requireNonNull(action, "action")));
  }

  /**
   * A call of another service, outside any transaction, on the coordinator's executor: at least once, with the same
   * {@link SagaCall#idempotencyKey()} each time.
   *
   * @param action returns when the effect took place
   * @param <O> what it returns, for {@link StepBuilder#apply}
   * @return the rest of the step
   */
  public <O> RemoteStep<S, O> remote(StepFunction<SagaCall, S, O> action) {
    requireNonNull(action, "action");
    return remoteOutcome((call, state) -> Outcome.done(action.apply(call, state)));
  }

  /**
   * As {@link #remote}, without a result.
   *
   * @param action returns when the effect took place
   * @return the rest of the step
   */
  public RemoteStep<S, Nothing> remoteRun(StepAction<SagaCall, S> action) {
    requireNonNull(action, "action");
    return remote((call, state) -> {
      action.accept(call, state);
      return Nothing.NOTHING;
    });
  }

  /**
   * As {@link #remote}, for a call that knows its outcome.
   *
   * @param action tells the outcome
   * @param <O> what it returns
   * @return the rest of the step
   */
  public <O> RemoteStep<S, O> remoteOutcome(StepFunction<SagaCall, S, Outcome<O>> action) {
    return saga.add(new RemoteStep<>(this, requireNonNull(action, "action")));
  }

  /**
   * A message that asks a participant, and the message that answers. The command leaves through the outbox, in one commit with
   * the saga's row; its event id is the step's idempotency key, the same each time it is sent. The saga waits in the database. The
   * participant answers with {@link dev.msk.messaging.Events#caused}, and the answer reaches
   * {@link SagaCoordinator#replies()}: the first answer counts, once.
   *
   * @param command makes the command
   * @param replyType what the codec makes of the answer's data
   * @param <O> what it makes, for {@link StepBuilder#apply}
   * @return the rest of the step
   */
  public <O> CommandStep<S, O> command(Function<S, Command> command, Class<O> replyType) {
    return saga.add(new CommandStep<>(
        this, requireNonNull(command, "command"), requireNonNull(replyType, "replyType")));
  }
}
