package dev.msk.core.jakarta;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.spi.OptionalDependency;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * The Jakarta transaction (JTA) that the calling thread is in, begun by {@code @Transactional}, an EJB or a
 * {@code UserTransaction} ({@code jakarta.transaction:jakarta.transaction-api}, an optional dependency).
 *
 * <p>Takes one connection from the data source for each transaction that asks, and closes it right before that transaction
 * completes, which hands it back to the container's pool. The data source must be one whose connections join the transaction,
 * as those of Jakarta EE servers and of Quarkus do. Refused, loudly: no transaction, one whose status is not {@code ACTIVE}
 * (marked for rollback, for example), a data source whose connections commit each statement by themselves.
 *
 * <p>A suspended transaction keeps its connection and its actions; one begun meanwhile has its own.
 *
 * <p><b>After the commit.</b> An action runs in {@code afterCompletion} with {@code STATUS_COMMITTED}, among the other interposed
 * synchronizations, and not after a rollback or an outcome that is unknown. {@link #afterCommit} takes any connection for one of
 * the active transaction, since the handles of a container cannot be compared.
 *
 * <p>Thread-safe. Kept for the life of a service.
 */
public final class JakartaTransactions implements CurrentTransaction {

  private final TransactionSynchronizationRegistry registry;
  private final DataSource dataSource;

  private JakartaTransactions(TransactionSynchronizationRegistry registry, DataSource dataSource) {
    this.registry = registry;
    this.dataSource = dataSource;
  }

  /**
   * The transactions of a registry, with the connections of a data source.
   *
   * @param registry as the container gives it: injected, or {@code java:comp/TransactionSynchronizationRegistry}
   * @param dataSource whose connections join the transaction
   * @return their current one, by thread
   * @throws dev.msk.core.MissingDependencyException if jakarta.transaction-api is not on the class path
   */
  public static JakartaTransactions of(
      TransactionSynchronizationRegistry registry, DataSource dataSource) {
    OptionalDependency.of(
            JakartaTransactions.class,
            "jakarta-transaction",
            "jakarta.transaction.TransactionSynchronizationRegistry")
        .require("JakartaTransactions");
    return new JakartaTransactions(
        requireNonNull(registry, "registry"), requireNonNull(dataSource, "dataSource"));
  }

  @Override
  public Connection connection() {
    int status = registry.getTransactionStatus();
    if (status != Status.STATUS_ACTIVE) {
      throw new NoTransactionException("transaction: " + name(status)
          + " (expected: active; @Transactional or a UserTransaction around the call)");
    }
    try {
      return JakartaCommit.ofThisTransaction(registry, this).connection(dataSource);
    } catch (SQLException e) {
      throw DatabaseException.during("getting a connection in a Jakarta transaction", e);
    }
  }

  @Override
  public boolean afterCommit(Connection connection, Runnable action) {
    requireNonNull(connection, "connection");
    requireNonNull(action, "action");
    if (registry.getTransactionStatus() != Status.STATUS_ACTIVE) {
      return false;
    }
    JakartaCommit.ofThisTransaction(registry, this).add(action);
    return true;
  }

  private static String name(int status) {
    return switch (status) {
      case Status.STATUS_NO_TRANSACTION -> "none in this thread";
      case Status.STATUS_MARKED_ROLLBACK -> "marked for rollback";
      case Status.STATUS_PREPARING, Status.STATUS_PREPARED, Status.STATUS_COMMITTING ->
        "committing";
      case Status.STATUS_COMMITTED -> "committed";
      case Status.STATUS_ROLLING_BACK, Status.STATUS_ROLLEDBACK -> "rolled back";
      default -> "in an unknown state";
    };
  }
}
