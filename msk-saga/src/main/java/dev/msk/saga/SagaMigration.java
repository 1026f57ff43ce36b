package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.internal.MigrationPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How sagas that follow one version of a definition go on by another: what becomes of their state, and at which step they stand then. A
 * saga goes on at the step of the same name, unless {@link Builder#at} says otherwise; steps of the new version that are before that one
 * are not run.
 *
 * <p>Immutable, thread-safe if the function is. {@link SagaAdmin#migrate(SagaMigration, String, String)} does it.
 *
 * @param <F> the state of the version that sagas follow
 * @param <T> the state of the version that they are to follow
 */
public final class SagaMigration<F, T> {

  private final MigrationPlan<F, T> plan;

  private SagaMigration(MigrationPlan<F, T> plan) {
    this.plan = plan;
  }

  /**
   * Starts a migration that finds every step by its name.
   *
   * @param from the version that sagas follow
   * @param to the version that they are to follow; an older one takes a deploy back
   * @param state makes the new state of the old one; a pure function
   * @param <F> the old state
   * @param <T> the new state
   * @return a builder; what is wrong is told by {@link Builder#build()}
   */
  public static <F, T> Builder<F, T> builder(
      SagaDefinition<F> from, SagaDefinition<T> to, Function<F, T> state) {
    return new Builder<>(from, to, state);
  }

  MigrationPlan<F, T> plan() {
    return plan;
  }

  @Override
  public String toString() {
    return "SagaMigration[" + plan.from().id() + " to " + plan.to().id() + "]";
  }

  /**
   * Collects what the names of the steps do not tell. Confined to one thread.
   *
   * @param <F> the old state
   * @param <T> the new state
   */
  public static final class Builder<F, T> {

    private final SagaDefinition<F> from;
    private final SagaDefinition<T> to;
    private final Function<F, T> state;
    private final Map<String, String> steps = new LinkedHashMap<>();

    private Builder(SagaDefinition<F> from, SagaDefinition<T> to, Function<F, T> state) {
      this.from = requireNonNull(from, "from");
      this.to = requireNonNull(to, "to");
      this.state = requireNonNull(state, "state");
    }

    /**
     * Has sagas that stand at a step, and have not tried it, go on at one of another name.
     *
     * @param step of the old version
     * @param next of the new version
     * @return this
     */
    public Builder<F, T> at(String step, String next) {
      steps.put(requireNonNull(step, "step"), requireNonNull(next, "next"));
      return this;
    }

    /**
     * Makes the migration.
     *
     * @return the migration
     * @throws IllegalArgumentException naming everything that does not fit
     */
    public SagaMigration<F, T> build() {
      List<String> faults = new ArrayList<>();
      if (!from.name().equals(to.name()) || from.version() == to.version()) {
        faults.add("to: " + to.shape().id() + " (expected: another version of " + from.name()
            + " than " + from.version() + ")");
      }
      steps.forEach((step, next) -> {
        if (!from.steps().contains(step)) {
          faults.add("step: " + step + " (expected: one of " + from.steps() + ")");
        }
        if (!to.steps().contains(next)) {
          faults.add("next: " + next + " (expected: one of " + to.steps() + ")");
        }
      });
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new SagaMigration<>(
          new MigrationPlan<>(from.shape(), to.shape(), state, Map.copyOf(steps)));
    }
  }
}
