package dev.msk.saga.internal;

import dev.msk.saga.internal.SimulatedSteps.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What took effect and what was undone, in order. */
final class Journal {

  /** An effect; compared by identity, so that one that was rolled back can be taken out. */
  static final class Entry {

    final Step step;
    final boolean undo;

    Entry(Step step, boolean undo) {
      this.step = step;
      this.undo = undo;
    }

    @Override
    public String toString() {
      return (undo ? "-" : "+") + step.name();
    }
  }

  final List<Entry> entries = new ArrayList<>();
  private final Set<String> refused = new HashSet<>();

  Entry add(Step step, boolean undo) {
    Entry entry = new Entry(step, undo);
    entries.add(entry);
    return entry;
  }

  void takeOut(Entry entry) {
    entries.removeIf(other -> other == entry);
  }

  boolean has(Step step, boolean undo) {
    return count(step, undo) > 0;
  }

  long count(Step step, boolean undo) {
    return entries.stream()
        .filter(entry -> entry.undo == undo && entry.step.equals(step))
        .count();
  }

  /** As a participant guards itself: once, and not after it was undone. False when it refuses. */
  boolean doOnce(Step step) {
    if (refused.contains(step.name())) {
      return false;
    }
    if (!has(step, false)) {
      add(step, false);
    }
    return true;
  }

  /** What was never done is undone all the same, and cannot be done any more. */
  void undoOnce(Step step) {
    refused.add(step.name());
    if (!has(step, true)) {
      add(step, true);
    }
  }

  /** Nothing will be done under this name any more. */
  void close(Step step) {
    refused.add(step.name());
  }
}
