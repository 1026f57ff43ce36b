package dev.msk.saga;

import dev.msk.saga.internal.StepShape;
import java.time.Duration;
import java.util.List;

/**
 * A step that begins other sagas and waits, in the database, until they have ended. Confined to one thread.
 *
 * @param <S> the saga's state
 * @param <O> the step's output
 * @param <B> the kind of step
 */
public abstract sealed class ChildrenStep<S, O, B extends ChildrenStep<S, O, B>>
    extends StepBuilder<S, O, B> permits ChildStep, ParallelStep {

  ChildrenStep(StepStart<S> start) {
    super(start, Duration.ofDays(1));
    this.withoutCompensation = true;
  }

  abstract List<SagaDefinition<?>> definitions();

  @Override
  StepShape<S> shape(boolean pivoted) {
    StepShape<S> shape = super.shape(pivoted);
    return pivoted || pivot ? shape : shape.undoneBy(shape.forward());
  }

  @Override
  boolean rejects() {
    return false;
  }
}
