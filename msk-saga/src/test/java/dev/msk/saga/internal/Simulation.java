package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.testing.ManualTime;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Outbox;
import dev.msk.saga.CancelResult;
import dev.msk.saga.MigrationResult;
import dev.msk.saga.Outcome;
import dev.msk.saga.SagaCall;
import dev.msk.saga.SagaEndedException;
import dev.msk.saga.SagaFilter;
import dev.msk.saga.SagaStart;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.Shapes;
import dev.msk.saga.SignalResult;
import dev.msk.saga.UnknownSagaException;
import dev.msk.saga.internal.Mischief.Fault;
import dev.msk.saga.internal.Mischief.Point;
import dev.msk.saga.internal.SimulatedSteps.Doom;
import dev.msk.saga.internal.SimulatedSteps.Kind;
import dev.msk.saga.internal.SimulatedSteps.Path;
import dev.msk.saga.internal.SimulatedSteps.Step;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.testing.InMemoryDatabase;
import dev.msk.saga.testing.InMemoryOutboxStore;
import dev.msk.saga.testing.InMemorySagaStore;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One saga from its start to its end, on nodes that die, stand still and lose their leases, over connections and calls that break,
 * by a clock that only chance moves. One thread, one seed: the same seed is the same schedule.
 *
 * <p>What stands still lets others act in its place, to any depth up to three, and then goes on as if nothing had happened. That is
 * every interleaving of two nodes in which the second acts as a whole within a pause of the first, which is how a node that lost its
 * lease meets the one that took over.
 */
final class Simulation implements SimulatedSteps.Participants {

  private static final int MAX_ACTIONS = 5_000;
  private static final int MAX_DEPTH = 3;
  private static final Duration FAR_OFF = Duration.ofDays(1);
  private static final String KEY = "k";

  final InMemoryDatabase database = InMemoryDatabase.create();
  final SimulatedSteps steps;
  final Journal journal = new Journal();
  final SagaStore store;
  private final SplittableRandom random;
  private final Mischief mischief;
  private final ManualTime time = ManualTime.startingAt(Instant.EPOCH);
  final Transactor transactor = Transactor.of(database);
  private final InMemoryOutboxStore mail = InMemoryOutboxStore.of(database);
  private final List<SagaReply> replies = new ArrayList<>();
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final boolean torn;
  private final UUID id;
  private final SagaRequests requests;
  private final SagaMigrations migrations;
  /** The row as it stood when it was to be cancelled. */
  @Nullable
  SagaRow cancelled;

  /** The steps whose signals the saga is to take, with its rev when they came. */
  final Map<String, Long> heard = new HashMap<>();

  /** Has the target of the saga first; null if nobody does. */
  final @Nullable SimulatedRival rival;

  private final Set<String> signalled = new HashSet<>();
  private final SagaSignals signals;
  private SimulatedNode acting;
  private long epochs;
  private int depth;
  private int actions;

  Simulation(long seed, BiFunction<Simulation, SagaStore, SagaStore> plant, boolean torn) {
    this.random = new SplittableRandom(seed);
    this.mischief = new Mischief(random);
    this.steps = new SimulatedSteps(random, this);
    this.store = plant.apply(this, InMemorySagaStore.of(database, time));
    this.torn = torn;
    this.requests =
        new SagaRequests(store, steps.shapes(true), CommitHooks.ofTransactors(), () -> {});
    this.migrations = new SagaMigrations(store, new PathCodec());
    this.acting = newNode();
    this.signals = new SagaSignals(settings(true), CommitHooks.ofTransactors(), () -> {});
    this.rival = steps.isLocked() && random.nextBoolean() ? new SimulatedRival(this) : null;
    this.id = start();
  }

  /** The history of the saga, and of those that its steps began, once all have ended without a violation. */
  List<SagaStep> run() {
    while (!rows().stream().allMatch(row -> row.status().isEnded())) {
      act();
    }
    if (!start().equals(id)) {
      throw violation("a second saga under one key");
    }
    if (!isTargetFree()) {
      throw violation("ended, and its target is not free");
    }
    List<SagaStep> lines = new ArrayList<>();
    for (SagaRow row : rows()) {
      List<SagaStep> history = history(row.id());
      new Invariants(this, row, history).check();
      lines.addAll(history);
    }
    Invariants.ofFamily(this, row(), rows());
    return lines;
  }

  AssertionError violation(String what) {
    return new AssertionError(what + "\n  saga " + steps.steps + "\n  next " + steps.next.steps()
        + "\n  row " + row() + "\n  journal "
        + journal.entries + "\n  history " + transactor.call(tx -> store.history(tx, id)));
  }

  Fault fault(SimulatedNode node, Point point) {
    if (!node.alive) {
      return Fault.CRASH;
    }
    Fault fault = mischief.at(point);
    if (fault == Fault.CRASH) {
      die(node);
    } else if (fault == Fault.PAUSE && depth < MAX_DEPTH) {
      if (random.nextBoolean()) {
        node.leased = false;
      }
      depth++;
      try {
        for (int i = random.nextInt(6); i >= 0; i--) {
          act();
        }
      } finally {
        depth--;
      }
    }
    return fault;
  }

  Set<Long> gone(Set<Long> owners) {
    Set<Long> gone = new HashSet<>(owners);
    nodes.stream()
        .filter(node -> node.alive && node.leased)
        .forEach(node -> gone.remove(node.owner.epoch()));
    return gone;
  }

  private void act() {
    if (++actions > MAX_ACTIONS) {
      throw violation("stranded");
    }
    switch (random.nextInt(9)) {
      case 0, 1 -> turn();
      case 2 -> deliverCommand();
      case 3 -> deliverReply();
      case 4 -> operate();
      case 5 -> cancel();
      case 6 -> {
        signal();
        if (rival != null && random.nextInt(3) == 0) {
          rival.end();
        }
      }
      case 7 -> migrate();
      default -> pass();
    }
    if (rival != null && rival.hasTarget() && !journal.entries.isEmpty()) {
      throw violation("works on a target that another saga has");
    }
  }

  private void turn() {
    List<SimulatedNode> live =
        nodes.stream().filter(node -> node.alive && node.leased).toList();
    boolean joins = depth > 0 || live.stream().noneMatch(SimulatedNode::isNew);
    int which = random.nextInt(live.size() + (joins ? 1 : 0));
    SimulatedNode node = which < live.size() ? live.get(which) : newNode();
    SimulatedNode before = acting;
    acting = node;
    try {
      boolean unused = node.turn();
    } catch (Throwable crash) {
      if (!(crash instanceof NodeDeath)) {
        throw crash;
      }
    } finally {
      acting = before;
    }
  }

  private void deliverCommand() {
    if (mail.events().isEmpty()) {
      return;
    }
    int which = random.nextInt(mail.events().size());
    EventEnvelope command = mail.events().get(which);
    if (!mischief.oneIn(4)) {
      mail.events().remove(which);
    }
    CommandId of = CommandId.parse(command.id()).orElseThrow();
    Step step = steps.find(of.step());
    boolean yes;
    if (of.undo()) {
      journal.undoOnce(step);
      yes = true;
    } else if (step.doom() == Doom.FAILS) {
      return;
    } else {
      yes = step.doom() != Doom.REJECTS && journal.doOnce(step);
    }
    replies.add(new SagaReply(
        of.saga(),
        of.step(),
        of.undo(),
        "/p",
        command.id() + replies.size(),
        yes ? "ok" : "no",
        null));
  }

  private void deliverReply() {
    if (replies.isEmpty()) {
      return;
    }
    SagaReply reply = mischief.oneIn(4)
        ? replies.get(random.nextInt(replies.size()))
        : replies.remove(random.nextInt(replies.size()));
    var unused =
        transactor.<SagaStore.Received, RuntimeException>call(tx -> store.receive(tx, reply));
  }

  private void signal() {
    List<Step> awaiting = steps.plan(row()).steps().stream()
        .filter(step -> step.kind() == Kind.AWAIT && step.doom() != Doom.FAILS)
        .toList();
    if (awaiting.isEmpty()) {
      return;
    }
    Step step = awaiting.get(random.nextInt(awaiting.size()));
    boolean again = signalled.contains(step.name());
    if (random.nextInt(again ? 10 : 3) > 0) {
      return;
    }
    String payload =
        again ? "another" : step.doom() == Doom.REJECTS ? SimulatedSteps.NO : step.name();
    SignalResult result;
    try {
      result = transactor.<SignalResult, RuntimeException>call(
          tx -> signals.signal(tx, "simulated", KEY, step.name(), payload));
    } catch (SagaEndedException e) {
      return;
    } catch (UnknownSagaException e) {
      throw violation(e.getMessage());
    }
    if (again && result != SignalResult.DUPLICATE) {
      throw violation("a second signal to " + step.name() + " was " + result);
    }
    signalled.add(step.name());
    if (result == SignalResult.TAKEN || result == SignalResult.EARLY) {
      heard.put(step.name(), row().rev());
    }
  }

  private void cancel() {
    if (cancelled != null || random.nextInt(depth > 0 ? 5 : 25) > 0) {
      return;
    }
    SagaRow row = row();
    CancelResult result = transactor.<CancelResult, RuntimeException>call(
        tx -> requests.cancel(tx, id, "changed my mind"));
    if (result == CancelResult.REQUESTED) {
      cancelled = row;
    }
  }

  /** An operator who tries at any time; what does not fit is refused. */
  private void migrate() {
    if (random.nextInt(depth > 0 ? 3 : 8) == 0) {
      Optional<MigrationResult> unused =
          transactor.<Optional<MigrationResult>, RuntimeException>call(
              tx -> migrations.migrate(tx, id, steps.migration(), "the operator", "a new version"));
    }
  }

  /** An operator who knows what he does: he compensates where the pivot did not take place, after making sure that it will not. */
  private void operate() {
    Optional<SagaRow> stuck =
        rows().stream().filter(row -> row.status().isStuck()).findFirst();
    if (stuck.isEmpty()) {
      return;
    }
    SagaRow row = stuck.get();
    List<Step> its = steps.plan(row).steps();
    OperatorAct act = random.nextInt(20) == 0 ? OperatorAct.ABANDON : OperatorAct.RETRY;
    if (row.status() == SagaStatus.STUCK_FORWARD && !row.pivoted()) {
      Step step = its.get(row.position());
      if (!journal.has(step, false)) {
        journal.close(step);
        act = OperatorAct.COMPENSATE;
      }
    }
    if (act == OperatorAct.RETRY && random.nextInt(4) == 0) {
      doByHand(its.get(row.position()), row.status() == SagaStatus.STUCK_BACKWARD);
      act = OperatorAct.SKIP;
    }
    SagaEffect effect = OperatorMachine.on(steps.shape(row), row, act, "the operator");
    SagaMove move = ((SagaEffect.Write) effect).move();
    SagaMoved unused =
        transactor.<SagaMoved, RuntimeException>call(tx -> store.move(tx, row.fence(), move));
  }

  private void doByHand(Step step, boolean undo) {
    if (step.kind() == Kind.CHILDREN) {
      return;
    }
    if (undo) {
      journal.undoOnce(step);
    } else if (!journal.has(step, false)) {
      journal.add(step, false);
    }
  }

  private void pass() {
    Instant wakeAt = row().wakeAt();
    if (wakeAt != null
        && wakeAt.isAfter(time.instant())
        && wakeAt.isBefore(time.instant().plus(FAR_OFF))
        && random.nextBoolean()) {
      time.advance(Duration.between(time.instant(), wakeAt));
    } else {
      time.advance(Duration.ofMillis(1 + random.nextInt(100)));
    }
    if (mischief.oneIn(5)) {
      mischief.spend();
      die(nodes.get(random.nextInt(nodes.size())));
    }
  }

  private static void die(SimulatedNode node) {
    node.alive = false;
    node.leased = false;
  }

  private SimulatedNode newNode() {
    boolean isNew = random.nextInt(3) > 0;
    SimulatedNode node =
        new SimulatedNode(this, new SagaOwner("node", ++epochs), isNew, settings(isNew));
    nodes.removeIf(old -> !old.alive);
    nodes.add(node);
    return node;
  }

  private EngineSettings settings(boolean isNew) {
    Outbox outbox = Outbox.builder(mail, event -> "commands").build();
    return new EngineSettings(
        "simulated",
        transactor,
        store,
        Leases.builder(database, "never asked").build(),
        Runnable::run,
        new PathCodec(),
        new CommandSender(outbox, "/simulated", new PathCodec(), time),
        new Chance(random, time),
        new SagaTelemetry(Telemetry.noop(), Duration.ofHours(1), time),
        steps.shapes(isNew),
        1,
        Duration.ofMillis(1),
        Duration.ofMillis(1),
        Duration.ofDays(1),
        time,
        Thread::new);
  }

  private UUID start() {
    SagaStarts starts = new SagaStarts(settings(true), CommitHooks.ofTransactors(), new Nobody());
    return transactor
        .<SagaStart, RuntimeException>call(
            tx -> starts.start(tx, Shapes.of(steps.definition), KEY, new Path("")))
        .id();
  }

  /** No node works on a saga from its start. */
  private static final class Nobody implements StartHost {

    @Override
    public @Nullable SagaOwner keepRoom(UUID saga) {
      return null;
    }

    @Override
    public void giveRoomUp(UUID saga) {}

    @Override
    public void run(SagaRow row, boolean revocable) {
      throw new AssertionError("owned by nobody");
    }

    @Override
    public void wake() {}
  }

  private boolean isTargetFree() {
    if (rival != null && rival.hasTarget()) {
      rival.end();
    }
    return transactor
        .<Optional<UUID>, RuntimeException>call(
            tx -> store.acquire(tx, SimulatedSteps.TARGET, new UUID(0, 0), false))
        .isEmpty();
  }

  List<SagaStep> history(UUID saga) {
    return transactor.call(tx -> store.history(tx, saga));
  }

  /** The saga, and those that its steps began. */
  private List<SagaRow> rows() {
    return transactor
        .<List<SagaRow>, RuntimeException>call(tx -> store.list(tx, SagaFilter.all(), 100))
        .stream()
        .filter(row -> !row.definition().name().equals(SimulatedRival.NAME))
        .toList();
  }

  private SagaRow row() {
    return transactor
        .<Optional<SagaRow>, RuntimeException>call(tx -> store.find(tx, id))
        .orElseThrow();
  }

  @Override
  public Outcome<String> local(Connection tx, Path path, Step step) throws SQLException {
    if (step.doom() == Doom.REJECTS) {
      return Outcome.rejected("doomed");
    }
    effect(tx, step, false);
    if (step.doom() == Doom.FAILS || mischief.oneIn(8)) {
      mischief.spend();
      throw new IllegalStateException("after the effect, before the commit");
    }
    return Outcome.done(step.name());
  }

  @Override
  public void undoLocal(Connection tx, Step step) throws SQLException {
    effect(tx, step, true);
    if (mischief.oneIn(4)) {
      mischief.spend();
      throw new IllegalStateException("after the effect, before the commit");
    }
  }

  private void effect(Connection tx, Step step, boolean undo) throws SQLException {
    Journal.Entry entry = journal.add(step, undo);
    if (!torn) {
      database.onRollback(tx, () -> journal.takeOut(entry));
    }
  }

  @Override
  public Outcome<String> remote(SagaCall call, Step step) {
    SimulatedNode caller = acting;
    if (caller.breaksAt(Point.BEFORE_EFFECT)) {
      return random.nextBoolean()
          ? Outcome.unknown(new IllegalStateException("unreachable"))
          : Outcome.later(Duration.ofMillis(random.nextInt(100)));
    }
    if (step.doom() == Doom.REJECTS) {
      return Outcome.rejected("doomed");
    }
    if (step.doom() == Doom.FAILS) {
      throw new IllegalStateException("doomed");
    }
    if (!journal.doOnce(step)) {
      throw new IllegalStateException("undone before");
    }
    if (caller.breaksAt(Point.AFTER_EFFECT)) {
      throw new IllegalStateException("the answer was lost");
    }
    return Outcome.done(step.name());
  }

  @Override
  public void undoRemote(SagaCall call, Step step) {
    SimulatedNode caller = acting;
    if (caller.breaksAt(Point.BEFORE_EFFECT)) {
      throw new IllegalStateException("unreachable");
    }
    journal.undoOnce(step);
    if (caller.breaksAt(Point.AFTER_EFFECT)) {
      throw new IllegalStateException("the answer was lost");
    }
  }

  /** Plain text, since a format has no part in this. */
  private static final class PathCodec implements Codec {

    @Override
    public String contentType() {
      return "text/plain";
    }

    @Override
    public byte[] encode(Object value) {
      return value instanceof Path path
          ? SimulatedSteps.encoded(path)
          : value.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public <T> T decode(byte[] data, Class<T> type) {
      String text = new String(data, StandardCharsets.UTF_8);
      return type.cast(type == String.class ? text : new Path(text));
    }
  }
}
