package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.internal.StepBody;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A step by a call of another service. Confined to one thread.
 *
 * @param <S> the saga's state
 * @param <O> the step's output
 */
public final class RemoteStep<S, O> extends StepBuilder<S, O, RemoteStep<S, O>> {

  private final StepFunction<SagaCall, S, Outcome<O>> action;
  private final Rejections rejections = new Rejections();
  private @Nullable StepAction<SagaCall, S> compensation;

  RemoteStep(StepStart<S> start, StepFunction<SagaCall, S, Outcome<O>> action) {
    super(start, Duration.ofSeconds(10));
    this.action = action;
  }

  /**
   * Sets how the step is undone: at least once, by the step's idempotency key, also when nobody knows whether the step took
   * place. Undoing what was never done must succeed.
   *
   * @param compensation returns when the effect is gone
   * @return this
   */
  public RemoteStep<S, O> compensate(StepAction<SagaCall, S> compensation) {
    this.compensation = requireNonNull(compensation, "compensation");
    return withBackward();
  }

  /**
   * Sets how long one attempt may take, forward or back; 10 s by default. Then the thread is interrupted and, once the action has
   * returned, the outcome is unknown, whatever it returned. The saga does not go on before that, so that no compensation overtakes
   * a call: an action must heed the interrupt or {@link SagaCall#deadline()}.
   *
   * @param value at least 1 ms
   * @return this
   */
  public RemoteStep<S, O> timeout(Duration value) {
    this.timeout = requireNonNull(value, "timeout");
    return withBackward();
  }

  /**
   * Takes an exception for a definite no: the saga turns back without further attempts.
   *
   * @param type of the exception
   * @return this
   */
  public RemoteStep<S, O> rejectOn(Class<? extends Exception> type) {
    return rejectOn(type, any -> true);
  }

  /**
   * Takes some exceptions of a type for a definite no: those of gRPC with one status, say.
   *
   * @param type of the exception
   * @param when which ones
   * @param <X> of the exception
   * @return this
   */
  public <X extends Exception> RemoteStep<S, O> rejectOn(Class<X> type, Predicate<? super X> when) {
    rejections.add(type, when);
    return this;
  }

  private RemoteStep<S, O> withBackward() {
    StepAction<SagaCall, S> undo = compensation;
    if (undo != null) {
      this.backward = new StepBody.Remote<>(
          (call, state) -> {
            undo.accept(call, state);
            return Outcome.done(state);
          },
          timeout);
    }
    return this;
  }

  @Override
  StepBody<S> forward() {
    return new StepBody.Remote<>(rejections.around(action, apply), timeout);
  }

  @Override
  boolean rejects() {
    return !rejections.isEmpty();
  }

  @Override
  RemoteStep<S, O> self() {
    return this;
  }
}
