package dev.msk.saga.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.spi.SagaWrite;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the rows that this node owns. A database that is away is waited for as long as the node holds its lease; a write whose
 * answer is missing is written again, and since it names the rev that it changes, the second one tells whether the first took place.
 * A refused write means that another node has the saga: its local state is dropped. Thread-safe.
 */
final class SagaRows {

  private static final Logger log = LoggerFactory.getLogger(SagaRows.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(2);

  private final Transactor transactor;
  private final SagaStore store;
  private final SagaTelemetry telemetry;
  private final Node node;

  SagaRows(Transactor transactor, SagaStore store, SagaTelemetry telemetry, Node node) {
    this.transactor = transactor;
    this.store = store;
    this.telemetry = telemetry;
    this.node = node;
  }

  /** The row to go on with; null when it waits, rests, or is no longer ours. */
  @Nullable
  SagaRow write(SagaRow row, SagaMove move) {
    return write(row, move, false);
  }

  /** Writes what nobody knows of whether it is written. */
  @Nullable
  SagaRow writeAgain(SagaRow row, SagaMove move) {
    return write(row, move, true);
  }

  private @Nullable SagaRow write(SagaRow row, SagaMove move, boolean maybeWritten) {
    boolean unclear = maybeWritten;
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        SagaMoved moved = move(row, move);
        if (moved.done()) {
          return moved(row, move, moved.cancel());
        }
        return unclear ? reload(row) : fenced(row);
      } catch (DatabaseException e) {
        unclear = true;
        log.warn("Saga {}: writes {} again: {}", row.id(), move.transition(), e.getMessage());
        if (!node.pause(pause, row.owner())) {
          return null;
        }
        pause = doubled(pause);
      }
    }
  }

  /** Changes the row in a transaction of its own. */
  SagaMoved move(SagaRow row, SagaMove move) {
    boolean concernsOthers =
        move.transition().to().isEnded() && (row.target() != null || row.parent() != null);
    Transactor.Work<SagaMoved, RuntimeException> write = tx -> store.move(tx, row.fence(), move);
    return store.writesByStatement() && !concernsOthers
        ? transactor.callStatement(write)
        : transactor.call(write);
  }

  /** Changes rows of several sagas in a transaction. */
  List<Optional<SagaMoved>> moveAll(List<SagaWrite> writes) {
    Transactor.Work<List<Optional<SagaMoved>>, RuntimeException> write =
        tx -> store.moveAll(tx, writes);
    return store.writesByStatement() ? transactor.callStatement(write) : transactor.call(write);
  }

  /** The row to go on with after a move that was committed; {@code cancel} is what the store told of it. */
  @Nullable
  SagaRow moved(SagaRow row, SagaMove move, @Nullable String cancel) {
    telemetry.moved(row, move.transition());
    if (move.transition().to().isStuck()) {
      log.error(
          "Saga {} {} {}: {} at step {}: {}",
          row.definition(),
          row.businessKey(),
          row.id(),
          move.transition().to(),
          move.triedStep(),
          move.error());
    }
    if (cancel != null
        && !row.pivoted()
        && (move.pivoted() || move.transition().to() == SagaStatus.COMPLETED)) {
      log.warn(
          "Saga {} {} {}: not cancelled, {} came first: {}",
          row.definition(),
          row.businessKey(),
          row.id(),
          move.transition(),
          cancel);
    }
    boolean concernsOthers = row.target() != null || row.parent() != null;
    if (concernsOthers && move.transition().to().isEnded()) {
      othersAreDue();
    }
    if (move.then() == Then.WAIT) {
      node.dueIn(move.byDeadline() && cancel != null ? Duration.ZERO : move.wakeIn());
    }
    return move.then() == Then.KEEP ? row.after(move, cancel) : null;
  }

  /** Somebody must look for sagas that have become due by what was committed here. */
  void othersAreDue() {
    node.dueIn(Duration.ZERO);
  }

  /** The row as it stands, if it is still ours. */
  @Nullable
  SagaRow reload(SagaRow row) {
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        Optional<SagaRow> found = read(tx -> store.find(tx, row.id()));
        return found.filter(now -> Objects.equals(now.owner(), row.owner())).orElse(null);
      } catch (DatabaseException e) {
        log.warn("Saga {}: reads its row again: {}", row.id(), e.getMessage());
        if (!node.pause(pause, row.owner())) {
          return null;
        }
        pause = doubled(pause);
      }
    }
  }

  /** One statement, in a transaction of its own. */
  <T> T read(Transactor.Work<T, RuntimeException> statement) {
    return store.writesByStatement()
        ? transactor.callStatement(statement)
        : transactor.call(statement);
  }

  @Nullable
  SagaRow fenced(SagaRow row) {
    telemetry.fenced();
    log.info("Saga {}: somebody else went on with it, what was done here is dropped", row.id());
    return null;
  }

  /** Best effort: what stays ours is taken by others when our lease is gone. */
  void handBack(SagaRow row) {
    try {
      if (!transactor.call(tx -> store.handBack(tx, row.fence()))) {
        log.debug("Saga {}: somebody else has it already", row.id());
      }
    } catch (DatabaseException e) {
      log.warn("Saga {}: could not be handed back: {}", row.id(), e.getMessage());
    }
  }

  private static Duration doubled(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(MAX_PAUSE) < 0 ? twice : MAX_PAUSE;
  }
}
