package dev.msk.saga;

import dev.msk.saga.internal.BranchShape;
import dev.msk.saga.internal.StepBody;
import java.util.ArrayList;
import java.util.List;

/**
 * A step that is several sagas side by side. Undone by undoing them, side by side too. Confined to one thread.
 *
 * @param <S> the saga's state
 */
public final class ParallelStep<S> extends ChildrenStep<S, Nothing, ParallelStep<S>> {

  private final List<Branch<S, ?>> branches;

  ParallelStep(StepStart<S> start, List<Branch<S, ?>> branches) {
    super(start);
    this.branches = branches;
  }

  List<String> branchNames() {
    return branches.stream().map(Branch::name).toList();
  }

  @Override
  List<SagaDefinition<?>> definitions() {
    List<SagaDefinition<?>> definitions = new ArrayList<>();
    branches.forEach(branch -> definitions.add(branch.definition()));
    return definitions;
  }

  @Override
  StepBody<S> forward() {
    List<BranchShape<S, ?>> shapes = new ArrayList<>();
    branches.forEach(branch -> shapes.add(branch.shape()));
    return new StepBody.Children<>(shapes);
  }

  @Override
  ParallelStep<S> self() {
    return this;
  }
}
