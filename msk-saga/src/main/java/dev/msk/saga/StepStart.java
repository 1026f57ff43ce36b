package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Says what a step does, in the database of the saga, by a call, or by a message; or what it waits for. Confined to one thread.
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

  /**
   * Waits for an event, or for a signal of a human, say: {@link SagaCoordinator#signal} or {@link SagaCoordinator#signals} brings it.
   * The saga waits in the database. The first one counts, once, also when it comes before the saga gets here. A turn back, by the
   * deadline or a cancel, ends the wait, also at the pivot.
   *
   * @param type what the codec makes of its data; {@link Nothing} for none
   * @param timeout 1 ms to 3,650 days, by the database's clock; see {@link AwaitStep#onTimeout}
   * @param <O> what it makes, for {@link StepBuilder#apply}
   * @return the rest of the step
   */
  public <O> AwaitStep<S, O> await(Class<O> type, Duration timeout) {
    return saga.add(
        new AwaitStep<>(this, requireNonNull(type, "type"), requireNonNull(timeout, "timeout")));
  }

  /**
   * A saga of its own, begun in one commit with this one's row, which then waits in the database until it has ended. This one goes on
   * when it is completed, and turns back when it is compensated. Undoing the step undoes the other saga, also a completed one. Its
   * definition is registered with this one's.
   *
   * @param definition its steps; one with a pivot only for this saga's pivot, or after it
   * @param state makes its first state; a pure function
   * @param <C> its state, whose last value is for {@link StepBuilder#apply}
   * @return the rest of the step
   */
  public <C> ChildStep<S, C> child(SagaDefinition<C> definition, Function<S, C> state) {
    return saga.add(new ChildStep<>(
        this, requireNonNull(definition, "definition"), requireNonNull(state, "state")));
  }

  /**
   * Several sagas side by side, each as {@link #child} begins one. This one goes on when all are completed; when one is compensated, the
   * others are cancelled or undone, and this one turns back. Not for the pivot.
   *
   * @param branches at least one
   * @return the rest of the step
   */
  @SafeVarargs
  public final ParallelStep<S> parallel(Branch<S, ?>... branches) {
    List<Branch<S, ?>> sideBySide = new ArrayList<>();
    for (Branch<S, ?> branch : branches) {
      sideBySide.add(requireNonNull(branch, "branch"));
    }
    return saga.add(new ParallelStep<>(this, sideBySide));
  }

  /**
   * Waits for a while, in the database and by its clock. A turn back, by the deadline or a cancel, ends the wait.
   *
   * @param wait 1 ms to 3,650 days
   * @return the rest of the step
   */
  public TimerStep<S> timer(Duration wait) {
    return saga.add(new TimerStep<>(this, requireNonNull(wait, "wait")));
  }

  /**
   * Waits for a time, in the database and by its clock; goes on at once when it has passed. A turn back, by the deadline or a cancel,
   * ends the wait. The function is asked again whenever the saga wakes.
   *
   * @param until a pure function; one that throws is a failed attempt
   * @return the rest of the step
   */
  public TimerStep<S> timerUntil(Function<S, Instant> until) {
    return saga.add(new TimerStep<>(this, requireNonNull(until, "until")));
  }
}
