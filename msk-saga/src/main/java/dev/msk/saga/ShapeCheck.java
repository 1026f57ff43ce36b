package dev.msk.saga;

import dev.msk.saga.internal.StepShape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules of a definition: {@code compensatable* pivot? retriable*}, and what keys and tables can hold. */
final class ShapeCheck {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9.-]{0,99}");
  private static final Pattern STEP = Pattern.compile("[a-z][a-z0-9-]{0,63}");

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(3650);

  private ShapeCheck() {}

  static List<String> faults(
      String name,
      int version,
      @Nullable Duration deadline,
      List<? extends StepBuilder<?, ?, ?>> steps) {
    List<String> faults = new ArrayList<>();
    if (!NAME.matcher(name).matches()) {
      faults.add("name: " + name
          + " (expected: 1 to 100 lower-case letters, digits, dots and dashes, a letter first)");
    }
    if (version < 1) {
      faults.add("version: " + version + " (expected: >= 1)");
    }
    if (deadline != null && (deadline.isNegative() || deadline.isZero())) {
      faults.add("deadline: " + deadline + " (expected: > 0)");
    }
    if (steps.isEmpty()) {
      faults.add("steps: none (expected: at least one)");
    }
    Set<String> names = new HashSet<>();
    boolean pivoted = false;
    for (StepBuilder<?, ?, ?> step : steps) {
      if (!STEP.matcher(step.name).matches()) {
        faults.add("step: " + step.name
            + " (expected: 1 to 64 lower-case letters, digits and dashes, a letter first)");
      }
      if (!names.add(step.name)) {
        faults.add("step: " + step.name + " (expected: a name that no other step has)");
      }
      check(step, pivoted, faults);
      pivoted |= step.pivot;
    }
    return faults;
  }

  private static void check(StepBuilder<?, ?, ?> step, boolean pivoted, List<String> faults) {
    if (step.pivot && pivoted) {
      faults.add(step.name + ": second pivot (expected: one)");
    }
    if (step.pivot || pivoted) {
      String place = step.pivot ? "for the pivot" : "after the pivot";
      if (step.backward != null) {
        faults.add(step.name + ": compensation (expected: none " + place + ")");
      }
    } else if (step.backward == null && !step.withoutCompensation) {
      faults.add(
          step.name + ": no compensation (expected: compensate(...) or withoutCompensation())");
    } else if (step.backward != null && step.withoutCompensation) {
      faults.add(step.name + ": compensation and withoutCompensation() (expected: one of the two)");
    }
    if (pivoted && step.rejects()) {
      faults.add(step.name + ": rejectOn (expected: none after the pivot)");
    }
    if (pivoted && step instanceof AwaitStep<?, ?> await && await.compensatesOnTimeout()) {
      faults.add(step.name + ": onTimeout COMPENSATE (expected: another one after the pivot)");
    }
    if (step instanceof ChildrenStep<?, ?, ?> children) {
      checkChildren(children, pivoted, faults);
    }
    if (step.timeout.compareTo(SHORTEST) < 0 || step.timeout.compareTo(LONGEST) > 0) {
      faults.add(step.name + ": timeout " + step.timeout + " (expected: 1 ms to 3650 days)");
    }
  }

  private static void checkChildren(
      ChildrenStep<?, ?, ?> step, boolean pivoted, List<String> faults) {
    for (SagaDefinition<?> child : step.definitions()) {
      if (child.shape().lock() != null) {
        faults.add(step.name + ": " + child.shape().id() + " with a lock (expected: none)");
      }
      if (!pivoted && !step.pivot && child.shape().steps().stream().anyMatch(StepShape::pivot)) {
        faults.add(step.name + ": " + child.shape().id()
            + " with a pivot (expected: none in what can be undone)");
      }
    }
    if (step instanceof ParallelStep<?> parallel) {
      checkBranches(parallel, faults);
    }
  }

  private static void checkBranches(ParallelStep<?> step, List<String> faults) {
    if (step.pivot) {
      faults.add(step.name + ": parallel (expected: one child for the pivot)");
    }
    if (step.branchNames().isEmpty()) {
      faults.add(step.name + ": no branches (expected: at least one)");
    }
    Set<String> names = new HashSet<>();
    for (String name : step.branchNames()) {
      if (!STEP.matcher(name).matches() || !names.add(name)) {
        faults.add(step.name + ": branch " + name + " (expected: 1 to 64 lower-case letters, digits"
            + " and dashes, a letter first, a name that no other branch has)");
      }
    }
  }
}
