package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.internal.StepBody;
import dev.msk.saga.internal.StepShape;
import java.time.Duration;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What every kind of step can say, and the way on to the next step. Confined to one thread.
 *
 * @param <S> the saga's state
 * @param <O> the step's output
 * @param <B> the kind of step
 */
public abstract sealed class StepBuilder<S, O, B extends StepBuilder<S, O, B>>
    permits LocalStep, RemoteStep, CommandStep, AwaitStep, TimerStep, ChildrenStep {

  private static final Retry BEFORE_PIVOT =
      Retry.exponential(Duration.ofMillis(200), Duration.ofSeconds(10), 8);
  private static final Retry AFTER_PIVOT =
      Retry.forever(Duration.ofMillis(200), Duration.ofMinutes(1));
  private static final Retry BACKWARD =
      Retry.exponential(Duration.ofMillis(200), Duration.ofMinutes(1), 20);

  final String name;
  final boolean pivot;
  Duration timeout;
  BiFunction<S, O, S> apply = (state, output) -> state;
  boolean withoutCompensation;

  @Nullable
  StepBody<S> backward;

  private final SagaDefinition.Builder<S> saga;
  private @Nullable Retry retry;
  private Retry retryBack = BACKWARD;

  StepBuilder(StepStart<S> start, Duration timeout) {
    this.saga = start.saga;
    this.name = start.name;
    this.pivot = start.pivot;
    this.timeout = timeout;
  }

  /**
   * Makes the saga's next state of the output; by default the state stays as it is.
   *
   * @param change a pure function
   * @return this
   */
  public B apply(BiFunction<S, O, S> change) {
    this.apply = requireNonNull(change, "change");
    return self();
  }

  /**
   * Sets how often the step is tried; by default 8 attempts with waits of up to 200 ms, doubling, up to 10 s; after the pivot
   * without end, with waits up to 1 min.
   *
   * @param policy bounds of attempts and waits
   * @return this
   */
  public B retry(Retry policy) {
    this.retry = requireNonNull(policy, "policy");
    return self();
  }

  /**
   * Sets how often the compensation is tried; by default 20 attempts with waits of up to 200 ms, doubling, up to 1 min.
   *
   * @param policy bounds of attempts and waits
   * @return this
   */
  public B retryCompensation(Retry policy) {
    this.retryBack = requireNonNull(policy, "policy");
    return self();
  }

  /**
   * Says that there is nothing to undo: the step only reads, say. Steps before the pivot must say this or how they are undone.
   *
   * @return this
   */
  public B withoutCompensation() {
    this.withoutCompensation = true;
    return self();
  }

  /**
   * Begins the next step.
   *
   * @param step its name
   * @return says what the step does
   */
  public StepStart<S> step(String step) {
    return saga.step(step);
  }

  /**
   * Begins the step after which nothing is undone any more.
   *
   * @param step its name
   * @return says what the step does
   */
  public StepStart<S> pivot(String step) {
    return saga.pivot(step);
  }

  /**
   * Checks everything and makes the definition.
   *
   * @return the definition
   * @throws IllegalArgumentException naming every fault
   */
  public SagaDefinition<S> build() {
    return saga.build();
  }

  StepShape<S> shape(boolean pivoted) {
    Retry forwardRetry = retry != null ? retry : pivoted ? AFTER_PIVOT : BEFORE_PIVOT;
    return new StepShape<>(name, pivot, forward(), backward, forwardRetry, retryBack);
  }

  abstract StepBody<S> forward();

  abstract boolean rejects();

  abstract B self();
}
