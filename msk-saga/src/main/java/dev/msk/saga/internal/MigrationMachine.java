package dev.msk.saga.internal;

import dev.msk.saga.MigrationResult.Verdict;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaParent;
import dev.msk.saga.spi.SagaRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of the {@link SagaMachine} that decides whether a saga can go on by another version, and where it stands there. Pure functions.
 *
 * <p>What may have taken place keeps its name, its kind and its compensation, since keys are made of names, and since the way back has
 * to find all of it and nothing else. What has not been tried may be anything.
 */
final class MigrationMachine {

  private MigrationMachine() {}

  /** Where a saga stands in the new version, or why it cannot. */
  sealed interface Place {}

  /** The position, and whether its step is the one that the saga stood at before. */
  record At(SagaTransition arrow, int position, boolean sameStep) implements Place {}

  /** Nothing is changed. */
  record Refused(Verdict verdict, String detail) implements Place {}

  static Place on(MigrationPlan<?, ?> plan, SagaRow row) {
    if (!row.definition().equals(plan.from().id())) {
      return new Refused(
          Verdict.OTHER_VERSION, row.definition() + " (expected: " + plan.from().id() + ")");
    }
    if (row.status().isEnded()) {
      return new Refused(Verdict.ENDED, row.status() + " (expected: not ended)");
    }
    SagaOwner owner = row.owner();
    if (owner != null) {
      return new Refused(Verdict.AT_WORK, "owned by " + owner.name() + " (expected: nobody)");
    }
    SagaParent parent = row.parent();
    if (parent != null) {
      return new Refused(Verdict.CHILD, "begun by saga " + parent.id() + " (expected: by nobody)");
    }
    boolean forward =
        row.status() == SagaStatus.RUNNING || row.status() == SagaStatus.STUCK_FORWARD;
    return forward ? forward(plan, row) : backward(plan, row);
  }

  private static Place forward(MigrationPlan<?, ?> plan, SagaRow row) {
    @Nullable StepShape<?> stands = stepAt(plan.from(), row.position());
    String next = stands == null ? null : plan.target(stands.name());
    int position = next == null ? -1 : plan.to().indexOf(next);
    if (stands == null || position < 0) {
      return noSuchStep(plan, next);
    }
    StepShape<?> goesOn = plan.to().steps().get(position);
    boolean sameStep = isSame(stands, goesOn);
    if (SagaMachine.isTried(plan.from(), row)
        && !(sameStep && isUndoneAlike(stands, goesOn) && stands.pivot() == goesOn.pivot())) {
      return new Refused(
          Verdict.TRIED,
          "step " + stands.name() + " has been tried (expected: the same step, undone alike, in "
              + plan.to().id() + ")");
    }
    if (row.pivoted() != hasPivotBefore(plan.to(), position)) {
      return new Refused(
          Verdict.PIVOT,
          (row.pivoted() ? "past" : "before") + " its pivot (expected: that of "
              + plan.to().id() + " too, at step " + next + ")");
    }
    if (!row.pivoted()) {
      List<String> owed = undoable(plan.from(), row.position());
      List<String> known = undoable(plan.to(), position);
      if (!owed.equals(known)) {
        return undoing(owed, known);
      }
    }
    return new At(
        row.status() == SagaStatus.RUNNING ? SagaTransition.MIGRATE : SagaTransition.MIGRATE_STUCK,
        position,
        sameStep);
  }

  private static Place backward(MigrationPlan<?, ?> plan, SagaRow row) {
    SagaTransition arrow = row.status() == SagaStatus.COMPENSATING
        ? SagaTransition.MIGRATE_BACK
        : SagaTransition.MIGRATE_STUCK_BACK;
    @Nullable StepShape<?> stands = stepAt(plan.from(), row.position());
    if (stands == null) {
      return new At(arrow, -1, true);
    }
    int position = plan.to().indexOf(stands.name());
    if (position < 0) {
      return noSuchStep(plan, stands.name());
    }
    List<String> owed = undoable(plan.from(), row.position() + 1);
    List<String> known = undoable(plan.to(), position + 1);
    return owed.equals(known) ? new At(arrow, position, true) : undoing(owed, known);
  }

  private static Refused noSuchStep(MigrationPlan<?, ?> plan, @Nullable String step) {
    return new Refused(
        Verdict.NO_SUCH_STEP,
        "step " + step + " (expected: one of "
            + plan.to().steps().stream().map(StepShape::name).toList() + " in "
            + plan.to().id()
            + ")");
  }

  private static Refused undoing(List<String> owed, List<String> known) {
    return new Refused(
        Verdict.UNDOING, "to be undone: " + known + " (expected: what was done: " + owed + ")");
  }

  private static @Nullable StepShape<?> stepAt(SagaShape<?> shape, int position) {
    return position >= 0 && position < shape.steps().size() ? shape.steps().get(position) : null;
  }

  private static boolean isSame(StepShape<?> one, StepShape<?> other) {
    return one.name().equals(other.name()) && one.kind().equals(other.kind());
  }

  private static boolean isUndoneAlike(StepShape<?> one, StepShape<?> other) {
    return one.kindBack().equals(other.kindBack());
  }

  private static boolean hasPivotBefore(SagaShape<?> shape, int position) {
    return shape.steps().stream().limit(position).anyMatch(StepShape::pivot);
  }

  /** What the steps before a position leave to be undone: names and kinds. */
  private static List<String> undoable(SagaShape<?> shape, int before) {
    return shape.steps().stream()
        .limit(before)
        .filter(step -> step.backward() != null)
        .map(step -> step.name() + " " + step.kind() + " undone by " + step.kindBack())
        .toList();
  }
}
