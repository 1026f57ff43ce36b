package dev.msk.core.jdbc;

import dev.msk.core.internal.DataSourceTransactor;
import java.sql.Connection;

/** Says who to wake once a transaction has committed. Thread-safe. */
@FunctionalInterface
public interface CommitHooks {

  /**
   * The hooks of all transactors made by {@link Transactor#of}: finds the one that runs the connection's transaction in this
   * thread.
   *
   * @return always the same object
   */
  static CommitHooks ofTransactors() {
    return DataSourceTransactor.HOOKS;
  }

  /**
   * Runs an action once the connection's transaction has committed: in the same thread, outside the transaction, after the
   * connection has been returned, in the order of registration. It never runs after a rollback, nor if the process dies right
   * after the commit: it may wake somebody early, it must not be the only way to find the work. An exception of the action is
   * logged, not thrown. An action that is registered already runs once: keep it in a field, and a thousand events of one
   * transaction wake the relay once.
   *
   * @param connection the very connection that the work was given, not a wrapper of it
   * @param action short; it may begin transactions of its own
   * @return true if the action is registered; false if the connection is in no transaction known here, and nobody will be
   *     woken
   */
  boolean afterCommit(Connection connection, Runnable action);
}
