package dev.msk.saga.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.internal.Mischief.Fault;
import dev.msk.saga.internal.Mischief.Point;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A coordinator's node in a simulation: the real worker and the real claims, on a connection that breaks and in a process that dies. */
final class SimulatedNode implements Node {

  final SagaOwner owner;
  boolean alive = true;
  boolean leased = true;
  private final Simulation simulation;
  private final boolean isNew;
  private final SagaClaims claims;
  private final SagaWorker worker;
  private final SagasAtWork running = new SagasAtWork();
  private boolean claiming;

  SimulatedNode(
      Simulation simulation,
      SagaOwner owner,
      boolean isNew,
      Transactor transactor,
      BiFunction<Boolean, Transactor, EngineSettings> settings) {
    this.simulation = simulation;
    this.owner = owner;
    this.isNew = isNew;
    EngineSettings mine = settings.apply(isNew, new Breaking(transactor));
    this.claims = new SagaClaims(mine);
    this.worker = new SagaWorker(mine, new CallTimeouts(), this);
  }

  /** Whether it knows the next version too. */
  boolean isNew() {
    return isNew;
  }

  /** One turn of the loop: whether a saga was claimed. */
  boolean turn() {
    if (claiming) {
      return false;
    }
    List<SagaRow> claimed = claim();
    for (SagaRow row : claimed) {
      worker.run(row, () -> running.leave(row.id()));
    }
    return !claimed.isEmpty();
  }

  private List<SagaRow> claim() {
    claiming = true;
    try {
      claims.takeOver(simulation::gone);
      claims.releaseForgotten(owner, running.ids());
      List<SagaRow> claimed = claims.claim(owner, 5);
      claimed.forEach(row -> running.enter(row.id()));
      return claimed;
    } catch (DatabaseException e) {
      return List.of();
    } finally {
      claiming = false;
    }
  }

  /** Something may go wrong here. */
  boolean breaksAt(Point point) {
    Fault fault = simulation.fault(this, point);
    if (!alive) {
      throw Crash.now();
    }
    return fault == Fault.BREAK;
  }

  @Override
  public boolean holds(@Nullable SagaOwner who) {
    return leased && owner.equals(who);
  }

  @Override
  public boolean isStopping() {
    return false;
  }

  @Override
  public boolean pause(Duration time, @Nullable SagaOwner who) {
    return holds(who);
  }

  @Override
  public void dueIn(Duration time) {}

  /** A transactor whose connection breaks before the commit, or with the commit's answer on its way. */
  private final class Breaking implements Transactor {

    private final Transactor transactor;

    Breaking(Transactor transactor) {
      this.transactor = transactor;
    }

    @Override
    public <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
      if (breaksAt(Point.BEFORE_TRANSACTION)) {
        throw DatabaseException.during("connecting", new SQLException("away", "08001"));
      }
      T result = transactor.<T, X>call(tx -> {
        T done = work.run(tx);
        if (breaksAt(Point.BEFORE_COMMIT)) {
          throw new SQLException("broken before the commit", "08006");
        }
        return done;
      });
      if (breaksAt(Point.AFTER_COMMIT)) {
        throw DatabaseException.duringCommit(new SQLException("broken after the commit", "08006"));
      }
      return result;
    }

    @Override
    public <X extends Exception> void run(Action<X> action) throws X {
      Boolean unused = this.<Boolean, X>call(tx -> {
        action.run(tx);
        return true;
      });
    }

    @Override
    public boolean afterCommit(Connection connection, Runnable action) {
      return transactor.afterCommit(connection, action);
    }
  }
}
