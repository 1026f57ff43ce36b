package dev.msk.core.jakarta;

import dev.msk.core.internal.CommitActions;
import dev.msk.core.jdbc.Transactor;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One transaction's connection and actions. A rollback by timeout may complete it from another thread, which finds nothing to
 * race with: it runs no action.
 */
final class JakartaCommit implements Synchronization {

  private static final Logger log = LoggerFactory.getLogger(JakartaTransactions.class);

  private final CommitActions actions = new CommitActions();
  private volatile @Nullable Connection connection;

  /** That of the thread's active transaction, registered if it is not yet. */
  static JakartaCommit ofThisTransaction(TransactionSynchronizationRegistry registry, Object key) {
    if (registry.getResource(key) instanceof JakartaCommit known) {
      return known;
    }
    JakartaCommit commit = new JakartaCommit();
    registry.registerInterposedSynchronization(commit);
    registry.putResource(key, commit);
    return commit;
  }

  Connection connection(DataSource dataSource) throws SQLException {
    Connection known = connection;
    if (known != null) {
      return known;
    }
    Connection taken = dataSource.getConnection();
    try {
      Transactor.requireTransaction(taken);
    } catch (RuntimeException e) {
      close(taken);
      throw e;
    }
    connection = taken;
    return taken;
  }

  void add(Runnable action) {
    actions.add(action);
  }

  /** Pools complain of connections that are still open when they commit. A later asker, in the same phase, gets another. */
  @Override
  public void beforeCompletion() {
    giveBack();
  }

  @Override
  public void afterCompletion(int status) {
    giveBack();
    if (status == Status.STATUS_COMMITTED) {
      actions.run();
    }
  }

  private void giveBack() {
    Connection taken = connection;
    connection = null;
    if (taken != null) {
      close(taken);
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      log.warn("Could not close a connection at the end of its Jakarta transaction", e);
    }
  }
}
