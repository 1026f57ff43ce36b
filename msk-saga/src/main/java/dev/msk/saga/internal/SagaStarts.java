package dev.msk.saga.internal;

import dev.msk.core.CallContext;
import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.OnBusy;
import dev.msk.saga.SagaBusyException;
import dev.msk.saga.SagaStart;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaInsertion;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaTarget;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Begins sagas in transactions of the application. Thread-safe. */
public final class SagaStarts {

  private static final int MAX_KEY = 200;
  private static final int MOST_AT_ONCE = 1_000;
  private static final SagaStart NOT_YET = new SagaStart(new UUID(0, 0), false);

  private final EngineSettings settings;
  private final CommitHooks commits;
  private final StartHost host;

  public SagaStarts(EngineSettings settings, CommitHooks commits, StartHost host) {
    this.settings = settings;
    this.commits = commits;
    this.host = host;
  }

  public SagaStart start(Connection tx, SagaShape<?> shape, String businessKey, Object state) {
    check(tx, shape);
    checkKey(businessKey);
    try {
      return insert(tx, shape, businessKey, state);
    } catch (SQLException e) {
      throw DatabaseException.during("starting saga " + shape.id() + " " + businessKey, e);
    }
  }

  /** By business key, in the order of the states. */
  public Map<String, SagaStart> startAll(Connection tx, SagaShape<?> shape, Map<String, ?> states) {
    check(tx, shape);
    states.keySet().forEach(SagaStarts::checkKey);
    try {
      Map<String, SagaStart> started = new LinkedHashMap<>();
      if (shape.lock() != null) {
        for (Map.Entry<String, ?> one : states.entrySet()) {
          started.put(one.getKey(), insert(tx, shape, one.getKey(), one.getValue()));
        }
        return started;
      }
      states.keySet().forEach(key -> started.put(key, NOT_YET));
      List<NewSaga> some = new ArrayList<>();
      for (Map.Entry<String, ?> one : new TreeMap<>(states).entrySet()) {
        some.add(born(shape, settings.chance().id(), one.getKey(), one.getValue()));
        if (some.size() == MOST_AT_ONCE) {
          insertAll(tx, some, started);
          some.clear();
        }
      }
      insertAll(tx, some, started);
      return started;
    } catch (SQLException e) {
      throw DatabaseException.during("starting " + states.size() + " sagas " + shape.id(), e);
    }
  }

  private void check(Connection tx, SagaShape<?> shape) {
    Transactor.requireTransaction(tx);
    SagaShape<?> registered = settings.shapes().get(shape.id());
    if (!shape.equals(registered) && !hasSteps(registered, shape.fingerprint())) {
      throw new IllegalArgumentException(
          "definition: " + shape.id() + " " + shape.fingerprint() + " (expected: one of "
              + settings.shapes().keySet() + ", with the steps registered here)");
    }
  }

  private void insertAll(Connection tx, List<NewSaga> sagas, Map<String, SagaStart> started)
      throws SQLException {
    if (sagas.isEmpty()) {
      return;
    }
    Begun begun = new Begun();
    boolean told = commits.afterCommit(tx, begun);
    List<NewSaga> owned = sagas.stream()
        .map(saga -> told ? saga.ownedBy(host.keepRoom(saga.id())) : saga)
        .toList();
    List<SagaInsertion> inserted = settings.store().insertAll(tx, owned);
    for (int i = 0; i < owned.size(); i++) {
      NewSaga saga = owned.get(i);
      SagaInsertion insertion = inserted.get(i);
      if (insertion.isNew()) {
        begun.add(saga, insertion);
      } else {
        host.giveRoomUp(saga.id());
      }
      started.put(saga.businessKey(), result(saga, insertion));
    }
  }

  private NewSaga born(SagaShape<?> shape, UUID id, String businessKey, Object state) {
    return new NewSaga(
        id,
        shape.id(),
        businessKey,
        shape.steps().get(0).name(),
        settings.codec().encode(state),
        shape.deadline(),
        settings.telemetry().origin(CallContext.current().correlationId().orElse(null)),
        null,
        null,
        null);
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
    boolean ours = told && (target == null || target.held());
    NewSaga saga =
        born(shape, id, businessKey, state).on(target).ownedBy(ours ? host.keepRoom(id) : null);
    SagaInsertion insertion = settings.store().insert(tx, saga);
    if (insertion.isNew()) {
      begun.add(saga, insertion);
    } else {
      host.giveRoomUp(id);
      if (target != null) {
        settings.store().giveBack(tx, target.name(), id);
      }
    }
    return result(saga, insertion);
  }

  private static SagaStart result(NewSaga saga, SagaInsertion insertion) {
    return new SagaStart(insertion.existing().orElse(saga.id()), insertion.isNew());
  }

  /** Runs once the caller's transaction has committed. */
  private final class Begun implements Runnable {

    private final List<Birth> births = new ArrayList<>();

    void add(NewSaga saga, SagaInsertion insertion) {
      births.add(new Birth(SagaRow.begun(saga, settings.telemetry().now()), insertion.revocable()));
    }

    @Override
    public void run() {
      boolean anybodys = false;
      for (Birth birth : births) {
        if (birth.row.owner() != null) {
          host.run(birth.row, birth.revocable);
        } else {
          anybodys = true;
        }
      }
      if (anybodys) {
        host.wake();
      }
    }
  }

  private record Birth(SagaRow row, boolean revocable) {}

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
