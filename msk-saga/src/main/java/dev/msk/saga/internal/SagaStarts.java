package dev.msk.saga.internal;

import dev.msk.core.CallContext;
import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.OnBusy;
import dev.msk.saga.SagaBusyException;
import dev.msk.saga.SagaStart;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaTarget;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Begins sagas in transactions of the application. Thread-safe. */
public final class SagaStarts {

  private static final int MAX_KEY = 200;
  /** The row's times are the database's, and whoever works on it reads none of them. */
  private static final Instant UNREAD = Instant.EPOCH;

  private final EngineSettings settings;
  private final CommitHooks commits;
  private final StartHost host;

  public SagaStarts(EngineSettings settings, CommitHooks commits, StartHost host) {
    this.settings = settings;
    this.commits = commits;
    this.host = host;
  }

  public SagaStart start(Connection tx, SagaShape<?> shape, String businessKey, Object state) {
    Transactor.requireTransaction(tx);
    SagaShape<?> registered = settings.shapes().get(shape.id());
    if (!shape.equals(registered) && !hasSteps(registered, shape.fingerprint())) {
      throw new IllegalArgumentException(
          "definition: " + shape.id() + " " + shape.fingerprint() + " (expected: one of "
              + settings.shapes().keySet() + ", with the steps registered here)");
    }
    checkKey(businessKey);
    try {
      return insert(tx, shape, businessKey, state);
    } catch (SQLException e) {
      throw DatabaseException.during("starting saga " + shape.id() + " " + businessKey, e);
    }
  }

  private <S> SagaStart insert(Connection tx, SagaShape<S> shape, String businessKey, Object state)
      throws SQLException {
    UUID id = settings.chance().id();
    SagaTarget target = null;
    TargetLock<S> lock = shape.lock();
    if (lock != null) {
      Optional<SagaRow> known = settings.store().find(tx, shape.id().name(), businessKey);
      if (known.isPresent()) {
        return new SagaStart(known.get().id(), false);
      }
      target = acquire(tx, shape, id, lock.of(state, shape.stateType()), lock.onBusy());
    }
    Begun begun = new Begun();
    boolean told = commits.afterCommit(tx, begun);
    NewSaga saga = new NewSaga(
        id,
        shape.id(),
        businessKey,
        shape.steps().get(0).name(),
        settings.codec().encode(state),
        shape.deadline(),
        settings.telemetry().origin(CallContext.current().correlationId().orElse(null)),
        target,
        null,
        told && (target == null || target.held()) ? host.keepRoom(id) : null);
    Optional<UUID> existing = settings.store().insert(tx, saga);
    if (existing.isEmpty()) {
      begun.row = SagaRow.begun(saga, UNREAD);
      return new SagaStart(id, true);
    }
    host.giveRoomUp(id);
    if (target != null) {
      settings.store().giveBack(tx, target.name(), id);
    }
    return new SagaStart(existing.get(), false);
  }

  /** Runs once the caller's transaction has committed. */
  private final class Begun implements Runnable {

    private @Nullable SagaRow row;

    @Override
    public void run() {
      SagaRow ours = row;
      if (ours != null && ours.owner() != null) {
        host.run(ours);
      } else if (ours != null) {
        host.wake();
      }
    }
  }

  private SagaTarget acquire(
      Connection tx, SagaShape<?> shape, UUID saga, String target, OnBusy onBusy)
      throws SQLException {
    boolean wait = onBusy == OnBusy.WAIT;
    Optional<UUID> holder = settings.store().acquire(tx, target, saga, wait);
    if (holder.isPresent() && !wait) {
      throw new SagaBusyException(
          "target: " + target + ": saga " + holder.get() + " has it (expected: free, for saga "
              + shape.id() + ")",
          target,
          holder.get());
    }
    return new SagaTarget(target, holder.isEmpty());
  }

  private static boolean hasSteps(@Nullable SagaShape<?> registered, String fingerprint) {
    return registered != null && registered.fingerprint().equals(fingerprint);
  }

  private static void checkKey(String businessKey) {
    if (businessKey.isEmpty() || businessKey.length() > MAX_KEY || businessKey.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("businessKey: " + businessKey.length()
          + " characters (expected: 1 to " + MAX_KEY + ", no U+0000)");
    }
  }
}
