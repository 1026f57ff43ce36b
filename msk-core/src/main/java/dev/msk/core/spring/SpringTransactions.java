package dev.msk.core.spring;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.spi.OptionalDependency;
import java.sql.Connection;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction that Spring runs in the calling thread, begun by {@code @Transactional} or a {@code TransactionTemplate}
 * ({@code org.springframework:spring-jdbc}, 6.x or 7.x, an optional dependency).
 *
 * <p>Works with {@code DataSourceTransactionManager} and {@code JdbcTransactionManager}, and with {@code JpaTransactionManager}
 * over Hibernate or EclipseLink, which shows its connection to JDBC. Under {@code JtaTransactionManager} take
 * {@link dev.msk.core.jakarta.JakartaTransactions}. Refused, loudly: no transaction, a read-only one (JPA would drop the entities
 * and keep the event), one of another data source.
 *
 * <p>{@code REQUIRES_NEW} is a transaction of its own, with actions of its own; the outer one goes on afterwards. {@code NESTED}
 * is a savepoint: its rollback takes back what was written, and an action registered in it still runs at the outer commit.
 *
 * <p><b>After the commit.</b> An action runs right after the commit, before every other {@code afterCommit} of the transaction
 * and before Spring has returned the connection. What runs later in the same transaction, a
 * {@code @TransactionalEventListener(AFTER_COMMIT)} for example, is refused if the transaction had asked for its connection
 * before. If it asks there for the first time nothing can tell that the commit is over, and JDBC's own transaction manager may
 * or may not commit what is written then: publish in the transaction, in {@code BEFORE_COMMIT}, or in a {@code REQUIRES_NEW}.
 *
 * <p>Thread-safe. Kept for the life of a service.
 */
public final class SpringTransactions implements CurrentTransaction {

  private final DataSource dataSource;

  private SpringTransactions(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * The transactions over a data source.
   *
   * @param dataSource the very one that the transaction manager works on; a {@code TransactionAwareDataSourceProxy} of it will do
   * @return their current one, by thread
   * @throws dev.msk.core.MissingDependencyException if spring-jdbc is not on the class path
   */
  public static SpringTransactions of(DataSource dataSource) {
    OptionalDependency.of(
            SpringTransactions.class,
            "spring",
            "org.springframework.jdbc.datasource.ConnectionHolder")
        .require("SpringTransactions");
    return new SpringTransactions(target(requireNonNull(dataSource, "dataSource")));
  }

  @Override
  public Connection connection() {
    if (!TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new NoTransactionException(
          "transaction: none in this thread (expected: @Transactional or"
              + " a TransactionTemplate around the call; a call within the same object passes by @Transactional)");
    }
    if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
      throw new NoTransactionException("transaction: read-only (expected: one that may write)");
    }
    ConnectionHolder holder = holder();
    if (holder == null) {
      throw new NoTransactionException(
          "transaction: of another data source (expected: one of " + dataSource
              + "; a transaction manager over that very object, or JakartaTransactions for JTA)");
    }
    SpringCommit commit = SpringCommit.ofThisTransaction(this);
    if (commit == null || commit.isOver()) {
      throw new NoTransactionException(
          "transaction: over (expected: one that has not been committed;"
              + " publish before the commit, or in REQUIRES_NEW)");
    }
    Connection connection = holder.getConnection();
    Transactor.requireTransaction(connection);
    return connection;
  }

  @Override
  public boolean afterCommit(Connection connection, Runnable action) {
    requireNonNull(connection, "connection");
    requireNonNull(action, "action");
    if (!TransactionSynchronizationManager.isActualTransactionActive()
        || holder() == null
        || !DataSourceUtils.isConnectionTransactional(connection, dataSource)) {
      return false;
    }
    SpringCommit commit = SpringCommit.ofThisTransaction(this);
    if (commit == null || commit.isOver()) {
      return false;
    }
    commit.add(action);
    return true;
  }

  private @Nullable ConnectionHolder holder() {
    return TransactionSynchronizationManager.getResource(dataSource)
                instanceof ConnectionHolder holder
            && TransactionalHolder.is(holder)
        ? holder
        : null;
  }

  private static DataSource target(DataSource dataSource) {
    DataSource target = dataSource;
    while (target instanceof TransactionAwareDataSourceProxy proxy
        && proxy.getTargetDataSource() != null) {
      target = requireNonNull(proxy.getTargetDataSource());
    }
    return target;
  }
}
