package dev.msk.saga;

import dev.msk.saga.internal.StepBody;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A step that waits for a time. It has no effect, so there is nothing to compensate. Confined to one thread.
 *
 * @param <S> the saga's state
 */
public final class TimerStep<S> extends StepBuilder<S, Nothing, TimerStep<S>> {

  private final @Nullable Function<S, Instant> until;

  TimerStep(StepStart<S> start, Duration wait) {
    super(start, wait);
    this.until = null;
    this.withoutCompensation = true;
  }

  TimerStep(StepStart<S> start, Function<S, Instant> until) {
    super(start, Duration.ofMillis(1));
    this.until = until;
    this.withoutCompensation = true;
  }

  @Override
  StepBody<S> forward() {
    UnaryOperator<S> then = state -> apply.apply(state, Nothing.NOTHING);
    return until == null ? new StepBody.Timer<>(timeout, then) : new StepBody.Until<>(until, then);
  }

  @Override
  boolean rejects() {
    return false;
  }

  @Override
  TimerStep<S> self() {
    return this;
  }
}
