package dev.msk.saga.internal;

import dev.msk.saga.AwaitStep;
import dev.msk.saga.Branch;
import dev.msk.saga.Command;
import dev.msk.saga.CommandStep;
import dev.msk.saga.LocalStep;
import dev.msk.saga.Nothing;
import dev.msk.saga.OnBusy;
import dev.msk.saga.OnTimeout;
import dev.msk.saga.Outcome;
import dev.msk.saga.RemoteStep;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaCall;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.Shapes;
import dev.msk.saga.StepStart;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaRow;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A definition made by chance: one to five steps of any kind, with or without compensation, pivot, deadline; and at times one step
 * that never succeeds, so that the saga must turn back.
 */
final class SimulatedSteps {

  enum Kind {
    LOCAL,
    REMOTE,
    COMMAND,
    AWAIT,
    TIMER,
    UNTIL,
    CHILDREN;

    boolean waits() {
      return this == AWAIT || this == TIMER || this == UNTIL;
    }
  }

  static final Duration WAIT = Duration.ofSeconds(5);
  static final Instant LATER = Instant.EPOCH.plusSeconds(20);
  static final String NO = "no";
  static final String TARGET = "target";
  static final String MOVED = "moved";

  /** What is known of a step beside its definition. */
  record Step(String name, Kind kind, boolean pivot, boolean compensated, Doom doom) {}

  /** A definition, and what is known of its steps. */
  record Plan(SagaDefinition<Path> definition, List<Step> steps) {

    int indexOf(@Nullable String step) {
      for (int i = 0; i < steps.size(); i++) {
        if (steps.get(i).name().equals(step)) {
          return i;
        }
      }
      throw new AssertionError("no step " + step);
    }
  }

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
  /** The next version, by which the saga goes on if an operator says so. */
  final NextVersion next;

  private final SagaDefinition<Path> nextDefinition;

  private final Map<DefinitionId, Plan> plans = new LinkedHashMap<>();
  private final Map<String, Begun> begun = new HashMap<>();

  SimulatedSteps(RandomGenerator random, Participants participants) {
    this.steps = steps(random);
    SagaDefinition.Builder<Path> builder = SagaDefinition.builder("simulated", 1, Path.class);
    if (random.nextInt(3) == 0) {
      builder.deadline(Duration.ofMillis(1 + random.nextInt(20_000)));
    }
    if (random.nextInt(3) == 0) {
      builder.lock(path -> TARGET, OnBusy.WAIT);
    }
    this.definition = build(builder, steps, random, participants);
    this.next = NextVersion.of(steps, random);
    this.nextDefinition = build(
        SagaDefinition.builder("simulated", 2, Path.class), next.steps(), random, participants);
  }

  private SagaDefinition<Path> build(
      SagaDefinition.Builder<Path> builder,
      List<Step> steps,
      RandomGenerator random,
      Participants participants) {
    boolean pivoted = false;
    for (Step step : steps) {
      StepStart<Path> start = step.pivot() ? builder.pivot(step.name()) : builder.step(step.name());
      if (step.kind().waits()) {
        addWait(start, step, pivoted, random);
      } else if (step.kind() == Kind.CHILDREN) {
        addChildren(start, step, random, participants);
      } else {
        add(start, step, random, participants);
      }
      pivoted |= step.pivot();
    }
    SagaDefinition<Path> built = builder.build();
    plans.put(Shapes.of(built).id(), new Plan(built, steps));
    return built;
  }

  MigrationPlan<?, ?> migration() {
    return new MigrationPlan<>(
        shape(definition), shape(nextDefinition), path -> path.with(MOVED), next.renamed());
  }

  @SuppressWarnings("unchecked")
  private static SagaShape<Path> shape(SagaDefinition<Path> definition) {
    return (SagaShape<Path>) Shapes.of(definition);
  }

  Plan firstPlan() {
    return Objects.requireNonNull(plans.get(Shapes.of(definition).id()), "plan");
  }

  Plan plan(SagaRow row) {
    return Objects.requireNonNull(plans.get(row.definition()), "plan");
  }

  SagaShape<?> shape(SagaRow row) {
    return Shapes.of(plan(row).definition());
  }

  /** All that a node of some version knows. */
  Map<DefinitionId, SagaShape<?>> shapes(boolean withNext) {
    Map<DefinitionId, SagaShape<?>> shapes = new LinkedHashMap<>();
    plans.forEach((id, plan) -> {
      if (withNext || plan.definition() != nextDefinition) {
        shapes.put(id, Shapes.of(plan.definition()));
      }
    });
    return shapes;
  }

  Step find(String name) {
    return plans.values().stream()
        .flatMap(plan -> plan.steps().stream())
        .filter(step -> step.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  boolean isLocked() {
    return Shapes.of(definition).lock() != null;
  }

  private static List<Step> steps(RandomGenerator random) {
    int count = 1 + random.nextInt(5);
    int pivot = random.nextBoolean() ? random.nextInt(count) : count;
    int doomed = random.nextInt(5) < 2 ? random.nextInt(Math.min(count, pivot + 1)) : count;
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Kind kind = List.of(Kind.values()).get(random.nextInt(Kind.values().length));
      boolean compensated = i < pivot && !kind.waits() && random.nextInt(4) > 0;
      Doom doom = i != doomed || kind == Kind.TIMER || kind == Kind.UNTIL
          ? Doom.NONE
          : random.nextBoolean() ? Doom.REJECTS : Doom.FAILS;
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

  /** The sagas that a step begins, in every version. */
  private record Begun(SagaDefinition<Path> one, @Nullable SagaDefinition<Path> other) {}

  /** One saga, or two side by side, each of one or two steps. */
  private void addChildren(
      StepStart<Path> start, Step step, RandomGenerator random, Participants participants) {
    Begun known = begun.get(step.name());
    if (known == null) {
      known = new Begun(
          child(step, "a", step.doom(), random, participants),
          step.pivot() || random.nextBoolean()
              ? null
              : child(step, "b", Doom.NONE, random, participants));
      begun.put(step.name(), known);
    }
    SagaDefinition<Path> one = known.one();
    SagaDefinition<Path> other = known.other();
    if (other == null) {
      start.child(one, path -> new Path("")).apply((path, child) -> path.with(step.name()));
      return;
    }
    start.parallel(
        Branch.<Path, Path>of("a", one, path -> new Path(""))
            .apply((path, child) -> path.with(step.name())),
        Branch.of("b", other, path -> new Path("")));
  }

  private SagaDefinition<Path> child(
      Step parent, String branch, Doom doom, RandomGenerator random, Participants participants) {
    String name = parent.name() + "-" + branch;
    SagaDefinition.Builder<Path> builder = SagaDefinition.builder(name, 1, Path.class);
    List<Step> steps = new ArrayList<>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      Kind kind = List.of(Kind.LOCAL, Kind.REMOTE, Kind.COMMAND).get(random.nextInt(3));
      Step step = new Step(
          name + "-" + i, kind, false, random.nextInt(4) > 0, i == count - 1 ? doom : Doom.NONE);
      steps.add(step);
      add(builder.step(step.name()), step, random, participants);
    }
    SagaDefinition<Path> definition = builder.build();
    plans.put(Shapes.of(definition).id(), new Plan(definition, steps));
    return definition;
  }

  private static void addWait(
      StepStart<Path> start, Step step, boolean pivoted, RandomGenerator random) {
    switch (step.kind()) {
      case TIMER -> start.timer(WAIT).apply((path, nothing) -> path.with(step.name()));
      case UNTIL ->
        start.timerUntil(path -> LATER).apply((path, nothing) -> path.with(step.name()));
      default -> {
        AwaitStep<Path, String> await = start.await(String.class, WAIT).apply(Path::with);
        if (step.doom() != Doom.NONE || random.nextBoolean()) {
          await.retry(Retry.exponential(
              Duration.ofMillis(10), Duration.ofMillis(500), 1 + random.nextInt(3)));
        }
        if (step.doom() == Doom.REJECTS) {
          await.rejectOn(NO::equals);
        }
        OnTimeout then = List.of(OnTimeout.values()).get(random.nextInt(3));
        if (!pivoted || then != OnTimeout.COMPENSATE) {
          await.onTimeout(then);
        }
      }
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
