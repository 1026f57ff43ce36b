package dev.msk.saga.internal;

import dev.msk.saga.Command;
import dev.msk.saga.CommandStep;
import dev.msk.saga.LocalStep;
import dev.msk.saga.Nothing;
import dev.msk.saga.Outcome;
import dev.msk.saga.RemoteStep;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaCall;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.StepStart;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A definition made by chance: one to five steps of any kind, with or without compensation, pivot, deadline; and at times one step
 * that never succeeds, so that the saga must turn back.
 */
final class SimulatedSteps {

  enum Kind {
    LOCAL,
    REMOTE,
    COMMAND
  }

  /** What is known of a step beside its definition. */
  record Step(String name, Kind kind, boolean pivot, boolean compensated, Doom doom) {}

  /** How a step never succeeds. */
  enum Doom {
    NONE,
    REJECTS,
    FAILS
  }

  /** The state: names of the steps whose output was applied. */
  record Path(String text) {

    Path with(String step) {
      return new Path(text + step + " ");
    }
  }

  final List<Step> steps;
  final SagaDefinition<Path> definition;

  SimulatedSteps(RandomGenerator random, Participants participants) {
    this.steps = steps(random);
    SagaDefinition.Builder<Path> builder = SagaDefinition.builder("simulated", 1, Path.class);
    if (random.nextInt(3) == 0) {
      builder.deadline(Duration.ofMillis(1 + random.nextInt(20_000)));
    }
    for (Step step : steps) {
      StepStart<Path> start = step.pivot() ? builder.pivot(step.name()) : builder.step(step.name());
      add(start, step, random, participants);
    }
    this.definition = builder.build();
  }

  int indexOf(String step) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).name().equals(step)) {
        return i;
      }
    }
    throw new AssertionError("no step " + step);
  }

  private static List<Step> steps(RandomGenerator random) {
    int count = 1 + random.nextInt(5);
    int pivot = random.nextBoolean() ? random.nextInt(count) : count;
    int doomed = random.nextInt(5) < 2 ? random.nextInt(Math.min(count, pivot + 1)) : count;
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean compensated = i < pivot && random.nextInt(4) > 0;
      Doom doom = i != doomed ? Doom.NONE : random.nextBoolean() ? Doom.REJECTS : Doom.FAILS;
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      steps.add(new Step("step-" + i, kind, i == pivot, compensated, doom));
    }
    return steps;
  }

  private static void add(
      StepStart<Path> start, Step step, RandomGenerator random, Participants participants) {
    boolean undoable = step.compensated();
    boolean plain = !undoable && !step.pivot();
    int attempts = 1 + random.nextInt(3);
    Retry retry = Retry.exponential(Duration.ofMillis(10), Duration.ofMillis(500), attempts);
    Retry retryBack =
        Retry.exponential(Duration.ofMillis(10), Duration.ofMillis(500), 1 + random.nextInt(3));
    boolean bounded = step.doom() != Doom.NONE || random.nextBoolean();
    switch (step.kind()) {
      case LOCAL -> {
        LocalStep<Path, String> local =
            start.localOutcome((tx, path) -> participants.local(tx, path, step)).apply(Path::with);
        if (bounded) {
          local.retry(retry);
        }
        if (undoable) {
          local
              .compensate((tx, path) -> participants.undoLocal(tx, step))
              .retryCompensation(retryBack);
        } else if (plain) {
          local.withoutCompensation();
        }
      }
      case REMOTE -> {
        RemoteStep<Path, String> remote =
            start.remoteOutcome((call, path) -> participants.remote(call, step)).apply(Path::with);
        if (bounded) {
          remote.retry(retry);
        }
        if (undoable) {
          remote
              .compensate((call, path) -> participants.undoRemote(call, step))
              .retryCompensation(retryBack);
        } else if (plain) {
          remote.withoutCompensation();
        }
      }
      case COMMAND -> {
        CommandStep<Path, Nothing> command = start
            .command(path -> Command.of("do", "key", path), Nothing.class)
            .apply((path, nothing) -> path.with(step.name()))
            .timeout(Duration.ofSeconds(5));
        if (bounded) {
          command.retry(retry);
        }
        if (undoable) {
          command.compensate(path -> Command.of("undo", "key", path)).retryCompensation(retryBack);
        }
        if (plain) {
          command.withoutCompensation();
        }
        if (step.doom() == Doom.REJECTS) {
          command.rejectOn("no");
        }
      }
      default -> throw new AssertionError(step.kind());
    }
  }

  static byte[] encoded(Path path) {
    return path.text().getBytes(StandardCharsets.UTF_8);
  }

  /** What a participant does: nothing is decided by it but the outcome. */
  interface Participants {

    Outcome<String> local(Connection tx, Path path, Step step) throws SQLException;

    void undoLocal(Connection tx, Step step) throws SQLException;

    Outcome<String> remote(SagaCall call, Step step);

    void undoRemote(SagaCall call, Step step);
  }
}
