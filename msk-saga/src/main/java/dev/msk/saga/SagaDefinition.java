package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.saga.internal.SagaShape;
import dev.msk.saga.internal.StepShape;
import dev.msk.saga.internal.TargetLock;
import dev.msk.saga.spi.DefinitionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a saga, as a value: which there are, in which order, how each is undone, and after which there is no way back.
 *
 * <p>Steps before the <em>pivot</em> can be undone: when one of them is refused or fails for good, everything that was done, or
 * may have been, is compensated in reverse order. Steps after the pivot are tried until they are done. A definition without a
 * pivot can be undone to its end.
 *
 * <p>What runs is a cursor over these steps, not a replay: the code of a step may change at any time. The names, kinds and order
 * of the steps may not: give a changed definition a new version and keep the old one registered while sagas of it run. The
 * {@link #fingerprint()} tells; a coordinator refuses a version that was registered with another one. Immutable, thread-safe if
 * what it was given is.
 *
 * @param <S> the saga's state, a record as a rule; kept by the coordinator's {@link dev.msk.core.Codec}
 */
public final class SagaDefinition<S> {

  private final SagaShape<S> shape;
  private final String fingerprint;

  private SagaDefinition(SagaShape<S> shape) {
    this.shape = shape;
    this.fingerprint = shape.fingerprint();
  }

  /**
   * Starts a definition without steps and without a deadline.
   *
   * @param name 1 to 100 lower-case letters, digits, dots and dashes, beginning with a letter
   * @param version at least 1; a new one for each change of the steps
   * @param stateType what the codec makes of stored states
   * @param <S> the saga's state
   * @return a builder; what is wrong is told by {@link Builder#build()}
   */
  public static <S> Builder<S> builder(String name, int version, Class<S> stateType) {
    return new Builder<>(name, version, stateType);
  }

  /**
   * The name.
   *
   * @return the name that all versions share
   */
  public String name() {
    return shape.id().name();
  }

  /**
   * The version.
   *
   * @return a positive number
   */
  public int version() {
    return shape.id().version();
  }

  /**
   * The type of the state.
   *
   * @return a class
   */
  public Class<S> stateType() {
    return shape.stateType();
  }

  /**
   * The names of the steps.
   *
   * @return in order
   */
  public List<String> steps() {
    return shape.steps().stream().map(StepShape::name).toList();
  }

  /**
   * A digest of what running sagas depend on: the steps' names, kinds and order, the pivot, which steps are compensated and how.
   *
   * @return 64 hexadecimal digits
   */
  public String fingerprint() {
    return fingerprint;
  }

  /**
   * The steps and the way back, as a Mermaid flowchart.
   *
   * @return its lines
   */
  public String toMermaid() {
    return SagaDiagram.of(shape);
  }

  @Override
  public String toString() {
    return "SagaDefinition[" + shape.id() + ", steps=" + steps() + "]";
  }

  SagaShape<S> shape() {
    return shape;
  }

  /**
   * Collects the steps in the order in which they run. Confined to one thread.
   *
   * @param <S> the saga's state
   */
  public static final class Builder<S> {

    private final String name;
    private final int version;
    private final Class<S> stateType;
    private final List<StepBuilder<S, ?, ?>> steps = new ArrayList<>();
    private @Nullable Duration deadline;
    private @Nullable TargetLock<S> lock;

    private Builder(String name, int version, Class<S> stateType) {
      this.name = requireNonNull(name, "name");
      this.version = version;
      this.stateType = requireNonNull(stateType, "stateType");
    }

    /**
     * Sets how long after its start a saga that has not passed its pivot is turned back; by default never. It is looked at between
     * attempts, never during one.
     *
     * @param value above zero
     * @return this
     */
    public Builder<S> deadline(Duration value) {
      this.deadline = requireNonNull(value, "deadline");
      return this;
    }

    /**
     * Lets one saga at a time work on a target, from its start to its end, stuck ones included: a semantic lock, since others see
     * what a saga did before it ends. Sagas of all definitions exclude each other by the target's name. By default none.
     *
     * <p>The start takes it, in the caller's transaction: starts on one target wait for each other's transactions to end. A caller that
     * writes what the last steps of sagas write too does that before the start, not after it: the steps lock in this order.
     *
     * @param target its name, 1 to 300 characters, such as {@code customer:42}, made of the saga's first state; a pure function
     * @param onBusy what a start does when another saga has it
     * @return this
     */
    public Builder<S> lock(Function<S, String> target, OnBusy onBusy) {
      this.lock =
          new TargetLock<>(requireNonNull(target, "target"), requireNonNull(onBusy, "onBusy"));
      return this;
    }

    /**
     * Begins the next step.
     *
     * @param step its name, unique in the definition: 1 to 64 lower-case letters, digits and dashes, beginning with a letter
     * @return says what the step does
     */
    public StepStart<S> step(String step) {
      return new StepStart<>(this, requireNonNull(step, "step"), false);
    }

    /**
     * Begins the step after which nothing is undone any more. It has no compensation: when nobody knows whether it took place,
     * it is tried again, and when its attempts are exhausted an operator decides.
     *
     * @param step its name, as with {@link #step}
     * @return says what the step does
     */
    public StepStart<S> pivot(String step) {
      return new StepStart<>(this, requireNonNull(step, "step"), true);
    }

    /**
     * Checks everything and makes the definition.
     *
     * @return the definition
     * @throws IllegalArgumentException naming every fault: a name of another form, two steps of one name or none at all, a second
     *     pivot, a step before the pivot that does not say how it is undone, a compensation or a rejection after it
     */
    public SagaDefinition<S> build() {
      List<String> found = ShapeCheck.faults(name, version, deadline, steps);
      if (!found.isEmpty()) {
        throw new IllegalArgumentException(
            "saga " + name + " v" + version + ": " + String.join("; ", found));
      }
      List<StepShape<S>> shapes = new ArrayList<>();
      boolean pivoted = false;
      for (StepBuilder<S, ?, ?> step : steps) {
        shapes.add(step.shape(pivoted));
        pivoted |= step.pivot;
      }
      return new SagaDefinition<>(new SagaShape<>(
          new DefinitionId(name, version), stateType, List.copyOf(shapes), deadline, lock));
    }

    <B extends StepBuilder<S, ?, ?>> B add(B step) {
      steps.add(step);
      return step;
    }
  }
}
