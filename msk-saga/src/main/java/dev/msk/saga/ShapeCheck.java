package dev.msk.saga;

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
    if (step.timeout.toMillis() < 1) {
      faults.add(step.name + ": timeout " + step.timeout + " (expected: >= 1 ms)");
    }
  }
}
