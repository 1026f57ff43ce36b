package dev.msk.saga;

import dev.msk.saga.internal.BranchShape;
import dev.msk.saga.internal.StepBody;
import java.util.List;
import java.util.function.Function;

/**
 * A step that is a saga. Undone by undoing that saga. Confined to one thread.
 *
 * @param <S> the saga's state
 * @param <C> the other saga's state
 */
public final class ChildStep<S, C> extends ChildrenStep<S, C, ChildStep<S, C>> {

  private final SagaDefinition<C> definition;
  private final Function<S, C> state;

  ChildStep(StepStart<S> start, SagaDefinition<C> definition, Function<S, C> state) {
    super(start);
    this.definition = definition;
    this.state = state;
  }

  @Override
  List<SagaDefinition<?>> definitions() {
    return List.of(definition);
  }

  @Override
  StepBody<S> forward() {
    return new StepBody.Children<>(
        List.of(new BranchShape<>(name, definition.shape(), state, apply)));
  }

  @Override
  ChildStep<S, C> self() {
    return this;
  }
}
