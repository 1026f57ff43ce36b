package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.internal.ReplyReader;
import dev.msk.saga.internal.StepBody;
import dev.msk.saga.internal.StepShape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A step that waits for an event or a signal. It has no effect, so there is nothing to compensate. Confined to one thread.
 *
 * @param <S> the saga's state
 * @param <O> what comes
 */
public final class AwaitStep<S, O> extends StepBuilder<S, O, AwaitStep<S, O>> {

  private final Class<O> type;
  private final List<Predicate<? super O>> refusals = new ArrayList<>();
  private @Nullable OnTimeout onTimeout;
  private boolean afterPivot;

  AwaitStep(StepStart<S> start, Class<O> type, Duration timeout) {
    super(start, timeout);
    this.type = type;
    this.withoutCompensation = true;
  }

  /**
   * Tells what to do when nothing has come in time; by default {@link OnTimeout#COMPENSATE}, after the pivot
   * {@link OnTimeout#WAIT_AGAIN}.
   *
   * @param what then
   * @return this
   */
  public AwaitStep<S, O> onTimeout(OnTimeout what) {
    this.onTimeout = requireNonNull(what, "what");
    return this;
  }

  /**
   * Takes what comes for a definite no: the saga turns back. Not after the pivot.
   *
   * @param refusal whether it is one
   * @return this
   */
  public AwaitStep<S, O> rejectOn(Predicate<? super O> refusal) {
    refusals.add(requireNonNull(refusal, "refusal"));
    return this;
  }

  @Override
  StepShape<S> shape(boolean pivoted) {
    this.afterPivot = pivoted;
    return super.shape(pivoted);
  }

  @Override
  StepBody<S> forward() {
    List<Predicate<? super O>> no = List.copyOf(refusals);
    ReplyReader<S> reader = (codec, reply, state) -> {
      O came = ReplyReader.decode(codec, reply, type);
      return no.stream().anyMatch(refusal -> refusal.test(came))
          ? Outcome.rejected(CommandStep.reason(reply))
          : Outcome.done(apply.apply(state, came));
    };
    OnTimeout then = onTimeout;
    if (then == null) {
      then = afterPivot ? OnTimeout.WAIT_AGAIN : OnTimeout.COMPENSATE;
    }
    return new StepBody.Await<>(reader, type, timeout, then);
  }

  boolean compensatesOnTimeout() {
    return onTimeout == OnTimeout.COMPENSATE;
  }

  @Override
  boolean rejects() {
    return !refusals.isEmpty();
  }

  @Override
  AwaitStep<S, O> self() {
    return this;
  }
}
