package dev.msk.saga.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.saga.internal.Mischief.Fault;
import dev.msk.saga.internal.Mischief.Point;
import dev.msk.saga.spi.SagaOwner;
import java.sql.SQLException;
import java.util.Set;

/** A coordinator's node in a simulation, on a connection that breaks and in a process that dies. */
final class SimulatedNode implements DrivenNode.Fate {

  private static final int CLAIMS = 5;

  final SagaOwner owner;
  boolean alive = true;
  boolean leased = true;
  private final Simulation simulation;
  private final boolean isNew;
  private final DrivenNode node;

  SimulatedNode(Simulation simulation, SagaOwner owner, boolean isNew, EngineSettings settings) {
    this.simulation = simulation;
    this.owner = owner;
    this.isNew = isNew;
    this.node = new DrivenNode(owner, settings, CLAIMS, this);
  }

  /** Whether it knows the next version too. */
  boolean isNew() {
    return isNew;
  }

  /** One turn of the loop: whether a saga was claimed. */
  boolean turn() {
    return node.turn();
  }

  /** Something may go wrong here. */
  boolean breaksAt(Point point) {
    Fault fault = simulation.fault(this, point);
    if (!alive) {
      throw NodeDeath.now();
    }
    return fault == Fault.BREAK;
  }

  @Override
  public boolean holdsLease() {
    return leased;
  }

  @Override
  public boolean isStopping() {
    return false;
  }

  @Override
  public Set<Long> gone(Set<Long> owners) {
    return simulation.gone(owners);
  }

  @Override
  public void beforeTransaction() {
    if (breaksAt(Point.BEFORE_TRANSACTION)) {
      throw DatabaseException.during("connecting", new SQLException("away", "08001"));
    }
  }

  @Override
  public void beforeCommit() throws SQLException {
    if (breaksAt(Point.BEFORE_COMMIT)) {
      throw new SQLException("broken before the commit", "08006");
    }
  }

  @Override
  public void afterCommit() {
    if (breaksAt(Point.AFTER_COMMIT)) {
      throw DatabaseException.duringCommit(new SQLException("broken after the commit", "08006"));
    }
  }
}
