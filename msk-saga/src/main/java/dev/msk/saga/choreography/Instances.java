package dev.msk.saga.choreography;

import dev.msk.core.Codec;
import dev.msk.core.Scope;
import dev.msk.core.event.EventInterceptor.EventRefusedException;
import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.telemetry.Operation;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.Outbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells instances of events and timers, in the caller's transaction: the row of the instance is locked first, so whoever tells the same
 * one something waits, in whichever process; its state, its timers, what is kept for it and what it publishes are written before the
 * lock is given back. Thread-safe.
 */
final class Instances {

  private static final Logger log = LoggerFactory.getLogger(Instances.class);
  private static final int MAX_ERROR = 4_000;

  private final Map<String, Participant<?, ?>> participants;
  private final Map<String, List<Participant<?, ?>>> listeners = new TreeMap<>();
  private final InstanceSql instances;
  private final KeptSql kept;
  private final TimerSql timers;
  private final Reactor reactor;
  private final Codec codec;
  private final Outbox outbox;
  private final ChoreographyTelemetry telemetry;
  private final int maxKept;

  Instances(ChoreographySettings settings) {
    this.participants = settings.participants();
    this.instances = new InstanceSql(settings.names());
    this.kept = new KeptSql(settings.names());
    this.timers = new TimerSql(settings.names());
    this.reactor = new Reactor(settings.events(), settings.codec());
    this.codec = settings.codec();
    this.outbox = settings.outbox();
    this.telemetry = settings.telemetry();
    this.maxKept = settings.maxKept();
    for (Participant<?, ?> participant : participants.values()) {
      for (String type : participant.listensTo()) {
        listeners.computeIfAbsent(type, key -> new ArrayList<>()).add(participant);
      }
    }
  }

  /** Tells all who listen, in the order of their names, so that two transactions with the same event do not lock in a circle. */
  void event(Connection tx, EventEnvelope event) throws SQLException {
    for (Participant<?, ?> participant : listeners.getOrDefault(event.type(), List.of())) {
      event(tx, participant, event);
    }
  }

  private <S, E> void event(Connection tx, Participant<S, E> participant, EventEnvelope event)
      throws SQLException {
    String key = participant.key(participant.read(event, codec));
    String correlation = event.extension(Extension.CORRELATION_ID).orElse(event.id());
    InstanceRow row =
        instances.lockOrInsert(tx, participant.name(), key, telemetry.origin(correlation));
    Pending input = Pending.of(event);
    tell(tx, telemetry.event(row, input), participant, row, input);
  }

  /** Fires a timer; false if it was cancelled, started anew, is held, or belongs to an instance that another version has. */
  boolean timer(Connection tx, Participant<?, ?> participant, TimerSql.Due due)
      throws SQLException {
    InstanceRow row = instances.lock(tx, participant.name(), due.key()).orElse(null);
    if (row == null
        || row.status() != InstanceStatus.RUNNING
        || row.version() > participant.version()
        || !timers.take(tx, row, due.timer())) {
      return false;
    }
    Pending input = Pending.of(due.timer());
    tell(tx, telemetry.timer(row, input), participant, row, input);
    return true;
  }

  /** Has an instance in quarantine take what is kept for it, in order; stops at what it still cannot take. */
  ReleaseResult release(Connection tx, InstanceRow row) throws SQLException {
    Participant<?, ?> participant = known(row);
    Drained drained = drain(tx, participant, row.at(InstanceStatus.RUNNING, null));
    write(tx, participant, row, drained.row());
    count(tx, participant.name(), Taken.APPLIED, drained.applied());
    return new ReleaseResult(
        drained.applied(), drained.row().status(), drained.row().error());
  }

  /** Takes the first input that is kept away. */
  InstanceRow dropFirst(Connection tx, InstanceRow row) throws SQLException {
    List<KeptInput> first = kept.list(tx, row, 1);
    if (first.isEmpty()) {
      return row;
    }
    kept.delete(tx, row, first.get(0).place());
    return row.kept(row.kept() - 1);
  }

  void end(Connection tx, InstanceRow row) throws SQLException {
    write(tx, known(row), row, row.at(InstanceStatus.ENDED, null));
  }

  InstanceSql rows() {
    return instances;
  }

  KeptSql inputs() {
    return kept;
  }

  TimerSql timers() {
    return timers;
  }

  Participant<?, ?> known(InstanceRow row) {
    Participant<?, ?> participant = participants.get(row.participant());
    if (participant == null) {
      throw new IllegalArgumentException("participant: " + row.participant() + " (expected: one of "
          + participants.keySet() + ")");
    }
    if (row.version() > participant.version()) {
      throw new NewerStateException(row, participant.version());
    }
    return participant;
  }

  private void tell(
      Connection tx,
      Operation telling,
      Participant<?, ?> participant,
      InstanceRow row,
      Pending input)
      throws SQLException {
    try (Operation operation = telling;
        Scope current = operation.makeCurrent()) {
      try {
        Taken result = take(tx, participant, row, input);
        operation.outcome(result.tag());
        count(tx, participant.name(), result, 1);
      } catch (RuntimeException | SQLException e) {
        operation.error(e);
        throw e;
      }
    }
  }

  private Taken take(Connection tx, Participant<?, ?> participant, InstanceRow row, Pending input)
      throws SQLException {
    return switch (row.status()) {
      case ENDED -> Taken.LATE;
      case QUARANTINED -> keep(tx, row, input, Taken.BEHIND);
      case WAITING ->
        input.starts(participant)
            ? apply(tx, participant, row, input, Taken.STARTED)
            : keep(tx, row, input, Taken.STASHED);
      case RUNNING -> apply(tx, known(row), row, input, Taken.APPLIED);
    };
  }

  private Taken keep(Connection tx, InstanceRow row, Pending input, Taken result)
      throws SQLException {
    if (row.kept() >= maxKept) {
      throw new KeptFullException(row, maxKept);
    }
    kept.addLast(tx, row, input);
    instances.update(tx, row.kept(row.kept() + 1));
    return result;
  }

  private Taken apply(
      Connection tx, Participant<?, ?> participant, InstanceRow row, Pending input, Taken result)
      throws SQLException {
    Step step = attempt(tx, participant, row, input);
    if (step instanceof Step.Ignored) {
      return Taken.IGNORED;
    }
    if (step instanceof Step.Failed failed) {
      kept.addFirst(tx, row, input);
      write(tx, participant, row, quarantined(row.kept(row.kept() + 1), input, failed.error()));
      return Taken.QUARANTINED;
    }
    InstanceRow next = moved(participant, row, (Step.Moved) step);
    if (next.status() == InstanceStatus.RUNNING && next.kept() > 0) {
      Drained drained = drain(tx, participant, next);
      count(tx, participant.name(), Taken.APPLIED, drained.applied());
      next = drained.row();
    }
    write(tx, participant, row, next);
    return result;
  }

  private record Drained(InstanceRow row, int applied) {}

  private Drained drain(Connection tx, Participant<?, ?> participant, InstanceRow begun)
      throws SQLException {
    InstanceRow row = begun;
    int applied = 0;
    for (KeptInput input : kept.list(tx, row, Integer.MAX_VALUE)) {
      Pending pending = input.pending();
      if (row.state() == null && !pending.starts(participant)) {
        break;
      }
      Step step = attempt(tx, participant, row, pending);
      if (step instanceof Step.Failed failed) {
        return new Drained(quarantined(row, pending, failed.error()), applied);
      }
      kept.delete(tx, row, input.place());
      row = row.kept(row.kept() - 1);
      applied++;
      if (step instanceof Step.Moved moved) {
        row = moved(participant, row, moved);
      }
      if (row.status() == InstanceStatus.ENDED) {
        break;
      }
    }
    return new Drained(row.state() == null ? row.at(InstanceStatus.WAITING, null) : row, applied);
  }

  /** Publishes and sets timers, if the input can be taken; an event that the outbox refuses is the instance's fault too. */
  private Step attempt(Connection tx, Participant<?, ?> participant, InstanceRow row, Pending input)
      throws SQLException {
    Step step = reactor.step(participant, row, input);
    if (step instanceof Step.Moved moved) {
      try {
        outbox.publish(tx, moved.events());
      } catch (InvalidEventException | EventRefusedException e) {
        return new Step.Failed(e);
      }
      for (Effect effect : moved.timers()) {
        if (effect instanceof Effect.StartTimer start) {
          timers.start(tx, row, participant.version(), start);
        } else if (effect instanceof Effect.CancelTimer cancel) {
          timers.cancel(tx, row, cancel.timer());
        }
      }
      if (participant.isWatch() && input.timer() != null) {
        log.warn("Flow {} {} stopped", row.participant(), row.key());
        afterCommit(tx, () -> telemetry.stopped(row.participant()));
      }
    }
    return step;
  }

  private static InstanceRow moved(
      Participant<?, ?> participant, InstanceRow row, Step.Moved moved) {
    return row.moved(participant.version(), moved.state(), moved.ended());
  }

  private static InstanceRow quarantined(InstanceRow row, Pending input, Throwable error) {
    log.warn("Instance {}: in quarantine with {}", row, input.name(), error);
    StackTraceElement[] trace = error.getStackTrace();
    String where = trace.length == 0 ? "" : " at " + trace[0];
    String text = (input.name() + ": " + error + where).replace('\0', '\uFFFD');
    return row.at(
        InstanceStatus.QUARANTINED,
        text.length() > MAX_ERROR ? text.substring(0, MAX_ERROR) : text);
  }

  private void write(
      Connection tx, Participant<?, ?> participant, InstanceRow before, InstanceRow after)
      throws SQLException {
    InstanceRow row = after;
    if (row.status() == InstanceStatus.ENDED) {
      timers.cancelAll(tx, row);
      if (row.kept() > 0) {
        kept.deleteAll(tx, row);
        count(tx, participant.name(), Taken.LATE, row.kept());
        row = row.kept(0);
      }
    } else {
      if (before.version() != row.version() && before.version() > 0) {
        timers.upgrade(tx, row, row.version());
      }
      if (before.status() == InstanceStatus.QUARANTINED
          || row.status() == InstanceStatus.QUARANTINED) {
        timers.hold(tx, row, row.status() == InstanceStatus.QUARANTINED);
      }
    }
    instances.update(tx, row);
  }

  private void count(Connection tx, String participant, Taken result, int inputs) {
    if (inputs > 0) {
      afterCommit(tx, () -> telemetry.took(participant, result, inputs));
    }
  }

  private static void afterCommit(Connection tx, Runnable action) {
    if (!CommitHooks.ofTransactors().afterCommit(tx, action)) {
      action.run();
    }
  }
}
