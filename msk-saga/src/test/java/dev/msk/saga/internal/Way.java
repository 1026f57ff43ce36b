package dev.msk.saga.internal;

import dev.msk.saga.SagaTransition;
import dev.msk.saga.internal.SimulatedSteps.Step;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The steps that a saga had before it: those of the definition that it follows, or, if it was migrated, those of the first version up to there
 * and of the next one from there on.
 *
 * @param before the steps of the version that it was started by
 * @param after the steps of the version that it follows
 * @param forward what it has to do to be completed, in order
 */
record Way(List<Step> before, List<Step> after, List<Step> forward) {

  static Way of(SimulatedSteps all, SagaRow row, List<SagaStep> history) {
    List<Step> after = all.plan(row).steps();
    Optional<SagaStep> turn = history.stream()
        .filter(line -> line.transition() == SagaTransition.MIGRATE
            || line.transition() == SagaTransition.MIGRATE_STUCK)
        .findFirst();
    boolean migrated = row.definition().name().equals(all.definition.name())
        && row.definition().version() != all.definition.version();
    List<Step> before = migrated ? all.firstPlan().steps() : after;
    if (turn.isEmpty()) {
      return new Way(before, after, before);
    }
    long passed = history.stream()
        .filter(line -> line.rev() < turn.get().rev() && isPassed(line))
        .count();
    List<Step> forward = new ArrayList<>(before.subList(0, (int) passed));
    forward.addAll(after.subList(all.plan(row).indexOf(turn.get().step()), after.size()));
    return new Way(before, after, forward);
  }

  private static boolean isPassed(SagaStep line) {
    return switch (line.transition()) {
      case ADVANCE, PASS_PIVOT, COMPLETE, SKIP -> true;
      default -> false;
    };
  }

  /** Of both versions. */
  List<Step> steps() {
    Set<Step> steps = new LinkedHashSet<>(before);
    steps.addAll(after);
    return List.copyOf(steps);
  }

  Step find(String name) {
    return steps().stream()
        .filter(step -> step.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no step " + name));
  }

  /** In the version that has both. */
  boolean isBefore(Step one, Step other) {
    List<Step> both = after.contains(one) && after.contains(other) ? after : before;
    return both.indexOf(one) < both.indexOf(other);
  }

  /** What may have been tried when so many steps were passed. */
  List<Step> tried(int passed) {
    return forward.subList(0, Math.min(passed + 1, forward.size()));
  }
}
