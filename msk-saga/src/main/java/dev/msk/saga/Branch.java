package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.internal.BranchShape;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One of the sagas that a {@linkplain StepStart#parallel parallel step} begins. Immutable.
 *
 * @param <S> the state of the saga that has the step
 * @param <C> the state of the branch
 */
public final class Branch<S, C> {

  private final String name;
  private final SagaDefinition<C> definition;
  private final Function<S, C> state;
  private final BiFunction<S, C, S> join;

  private Branch(
      String name, SagaDefinition<C> definition, Function<S, C> state, BiFunction<S, C, S> join) {
    this.name = name;
    this.definition = definition;
    this.state = state;
    this.join = join;
  }

  /**
   * A branch whose end changes nothing in the state.
   *
   * @param name 1 to 64 lower-case letters, digits and dashes, beginning with a letter; unique in the step
   * @param definition its steps
   * @param state makes its first state; a pure function
   * @param <S> the state of the saga that has the step
   * @param <C> the state of the branch
   * @return a branch
   */
  public static <S, C> Branch<S, C> of(
      String name, SagaDefinition<C> definition, Function<S, C> state) {
    return new Branch<>(
        requireNonNull(name, "name"),
        requireNonNull(definition, "definition"),
        requireNonNull(state, "state"),
        (whole, part) -> whole);
  }

  /**
   * Takes over what the branch came to, once all are completed.
   *
   * @param change makes the next state of the saga that has the step, of its state and the branch's last; a pure function
   * @return a branch that does this
   */
  public Branch<S, C> apply(BiFunction<S, C, S> change) {
    return new Branch<>(name, definition, state, requireNonNull(change, "change"));
  }

  String name() {
    return name;
  }

  SagaDefinition<C> definition() {
    return definition;
  }

  BranchShape<S, C> shape() {
    return new BranchShape<>(name, definition.shape(), state, join);
  }
}
