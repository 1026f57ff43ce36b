package dev.msk.saga.internal;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.internal.SimulatedSteps.Kind;
import dev.msk.saga.internal.SimulatedSteps.Step;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is true of every saga that has ended, whatever happened on the way. */
final class Invariants {

  private static final Set<SagaTransition> DONE =
      EnumSet.of(SagaTransition.ADVANCE, SagaTransition.PASS_PIVOT, SagaTransition.COMPLETE);
  /** What an operator did by hand counts like what the saga did, but is not in its state. */
  private static final Set<SagaTransition> PASSED = EnumSet.of(
      SagaTransition.ADVANCE,
      SagaTransition.PASS_PIVOT,
      SagaTransition.COMPLETE,
      SagaTransition.SKIP);

  private static final Set<SagaTransition> BY_HAND = EnumSet.of(
      SagaTransition.SKIP,
      SagaTransition.SKIP_BACK,
      SagaTransition.ABANDON,
      SagaTransition.ABANDON_BACK);

  private static final Set<SagaTransition> MIGRATED = EnumSet.of(
      SagaTransition.MIGRATE,
      SagaTransition.MIGRATE_BACK,
      SagaTransition.MIGRATE_STUCK,
      SagaTransition.MIGRATE_STUCK_BACK);

  private static final String SILENCE = "nothing came";
  private static final Set<SagaTransition> UNDONE =
      EnumSet.of(SagaTransition.UNDO, SagaTransition.FINISH_BACK);

  private final Simulation simulation;
  private final SagaRow row;
  private final List<SagaStep> history;
  private final Way way;
  private final List<Step> steps;
  private final Journal journal;
  private final List<Journal.Entry> entries;

  Invariants(Simulation simulation, SagaRow row, List<SagaStep> history) {
    this.simulation = simulation;
    this.row = row;
    this.history = history;
    this.way = Way.of(simulation.steps, row, history);
    this.steps = way.steps();
    this.journal = simulation.journal;
    this.entries =
        journal.entries.stream().filter(entry -> steps.contains(entry.step)).toList();
  }

  void check() {
    revisionsGrow();
    eachStepIsDoneOnce();
    nothingGoesForwardAfterTurningBack();
    nothingGoesBackAfterThePivot();
    stateIsWhatWasDone();
    localEffectsAreExactlyOnce();
    undoingIsInReverse();
    cancelIsTakenBetweenAttempts();
    waitsAreNotCutShort();
    whatWasHeardIsTaken();
    if (row.status() == SagaStatus.COMPLETED) {
      everythingIsDone();
    } else if (row.status() == SagaStatus.COMPENSATED) {
      everythingIsUndone();
    }
  }

  /** How the sagas that steps began ended, unless an operator had a word in it. */
  static void ofFamily(Simulation simulation, SagaRow row, List<SagaRow> rows) {
    boolean byHand = rows.stream()
        .flatMap(one -> simulation.history(one.id()).stream())
        .anyMatch(line -> BY_HAND.contains(line.transition()));
    for (SagaRow child : rows) {
      if (child.parent() != null && !byHand && child.status() != row.status()) {
        throw simulation.violation(
            "the saga is " + row.status() + ", and " + child.definition() + " " + child.status());
      }
    }
  }

  private void revisionsGrow() {
    for (int i = 1; i < history.size(); i++) {
      require(history.get(i).rev() > history.get(i - 1).rev(), "revisions do not grow");
    }
  }

  private void eachStepIsDoneOnce() {
    Set<String> seen = new HashSet<>();
    for (SagaStep line : history) {
      if (DONE.contains(line.transition()) || UNDONE.contains(line.transition())) {
        String direction = DONE.contains(line.transition()) ? "+" : "-";
        require(
            line.step() == null || seen.add(direction + line.step()),
            direction + line.step() + " twice in the history");
      }
    }
  }

  private void nothingGoesForwardAfterTurningBack() {
    boolean back = false;
    for (SagaStep line : history) {
      back |= line.transition().to() == SagaStatus.COMPENSATING;
      require(!back || line.transition().to() != SagaStatus.RUNNING, "forward after turning back");
    }
    boolean undone = false;
    for (Journal.Entry entry : entries) {
      undone |= entry.undo;
      require(
          !undone || entry.undo || entry.step.kind() != Kind.LOCAL,
          "local effect " + entry + " after a compensation");
    }
  }

  private void nothingGoesBackAfterThePivot() {
    boolean pivoted = false;
    for (SagaStep line : history) {
      pivoted |= line.transition() == SagaTransition.PASS_PIVOT
          || (line.transition() == SagaTransition.SKIP && isPivot(line.step()));
      require(
          !pivoted || line.transition().to() != SagaStatus.COMPENSATING, "back after the pivot");
    }
    if (row.pivoted() || row.status() == SagaStatus.COMPLETED) {
      require(entries.stream().noneMatch(entry -> entry.undo), "undone after the pivot");
    }
    steps.stream()
        .filter(step -> step.pivot() && journal.has(step, false))
        .forEach(pivot -> require(
            row.status() != SagaStatus.COMPENSATED, "turned back although the pivot took place"));
  }

  private void stateIsWhatWasDone() {
    String expected = history.stream()
        .filter(line -> MIGRATED.contains(line.transition())
            || (DONE.contains(line.transition()) && line.step() != null))
        .map(line -> MIGRATED.contains(line.transition())
            ? SimulatedSteps.MOVED
            : String.valueOf(line.step()))
        .filter(step -> !isAwait(step) || simulation.heard.containsKey(step))
        .map(step -> step + " ")
        .collect(Collectors.joining());
    String path = new String(row.state(), StandardCharsets.UTF_8);
    require(path.equals(expected), "state '" + path + "' is not '" + expected + "'");
    List<String> passed = history.stream()
        .filter(line -> PASSED.contains(line.transition()) && line.step() != null)
        .map(SagaStep::step)
        .toList();
    List<String> expectedSteps =
        way.forward().stream().limit(passed.size()).map(Step::name).toList();
    require(passed.equals(expectedSteps), "steps out of order: " + passed);
  }

  private void localEffectsAreExactlyOnce() {
    for (Step step : steps) {
      if (step.kind() == Kind.LOCAL) {
        boolean done = history.stream()
            .anyMatch(
                line -> PASSED.contains(line.transition()) && step.name().equals(line.step()));
        require(journal.count(step, false) == (done ? 1 : 0), step.name() + " not exactly once");
        require(journal.count(step, true) <= 1, step.name() + " undone more than once");
        require(done || !journal.has(step, true), step.name() + " undone and was never done");
      }
    }
  }

  private void undoingIsInReverse() {
    Step last = null;
    for (Journal.Entry entry : entries) {
      if (entry.undo) {
        require(last == null || way.isBefore(entry.step, last), entry + " undone out of order");
        last = entry.step;
      }
    }
    int reached = (int)
        history.stream().filter(line -> PASSED.contains(line.transition())).count();
    Set<Step> tried = Set.copyOf(way.tried(reached));
    require(
        entries.stream().filter(entry -> entry.undo).allMatch(entry -> tried.contains(entry.step)),
        "a step was undone that was never reached");
  }

  /**
   * By whoever has the saga next; where an attempt was under way, after that. Unless the pivot has been begun by then. An operator
   * may have it follow another version before.
   */
  private void cancelIsTakenBetweenAttempts() {
    SagaRow asked = simulation.cancelled;
    if (asked == null || !asked.id().equals(row.id())) {
      return;
    }
    boolean attemptUnderWay = asked.owner() != null;
    boolean mustTurnBack = asked.status() == SagaStatus.RUNNING;
    for (SagaStep line : history) {
      SagaTransition arrow = line.transition();
      if (line.rev() > asked.rev() && arrow != SagaTransition.REPLY && !MIGRATED.contains(arrow)) {
        if (!mustTurnBack || arrow == SagaTransition.CANCEL) {
          return;
        }
        require(
            attemptUnderWay || isPivot(line.step()), "to be cancelled, and went on by " + arrow);
        attemptUnderWay = false;
        mustTurnBack = arrow.to() == SagaStatus.RUNNING && arrow != SagaTransition.PASS_PIVOT;
      }
    }
  }

  private void waitsAreNotCutShort() {
    Map<String, Instant> since = new HashMap<>();
    for (SagaStep line : history) {
      String step = line.step();
      if (line.transition() == SagaTransition.AWAIT && step != null) {
        since.putIfAbsent(step, line.at());
      }
      boolean silence = line.transition() == SagaTransition.TURN_BACK
          && String.valueOf(line.error()).contains(SILENCE);
      if (step != null && (silence || DONE.contains(line.transition()))) {
        Step waited = way.find(step);
        Instant until = switch (waited.kind()) {
          case TIMER -> since.get(step).plus(SimulatedSteps.WAIT);
          case UNTIL -> SimulatedSteps.LATER;
          case AWAIT ->
            simulation.heard.containsKey(step)
                ? Instant.EPOCH
                : since.get(step).plus(SimulatedSteps.WAIT);
          default -> Instant.EPOCH;
        };
        require(!line.at().plusMillis(1).isBefore(until), step + " did not wait until " + until);
      }
    }
  }

  private void whatWasHeardIsTaken() {
    for (SagaStep line : history) {
      require(
          !String.valueOf(line.error()).contains(SILENCE)
              || line.rev() <= simulation.heard.getOrDefault(line.step(), Long.MAX_VALUE),
          "the signal to " + line.step() + " was lost");
    }
  }

  private boolean isAwait(@Nullable String step) {
    return steps.stream().anyMatch(one -> one.kind() == Kind.AWAIT && one.name().equals(step));
  }

  private void everythingIsDone() {
    for (Step step : way.forward()) {
      boolean hasEffect = !step.kind().waits() && step.kind() != Kind.CHILDREN;
      require(!hasEffect || journal.has(step, false), step.name() + " is not done");
    }
  }

  private void everythingIsUndone() {
    for (Step step : steps) {
      require(
          !step.compensated() || !journal.has(step, false) || journal.has(step, true),
          step.name() + " is done and not undone");
    }
  }

  private boolean isPivot(@Nullable String step) {
    return steps.stream().anyMatch(one -> one.pivot() && one.name().equals(step));
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw simulation.violation(what);
    }
  }
}
