package dev.msk.core.jooq;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.spi.OptionalDependency;
import java.sql.Connection;
import org.jooq.DSLContext;
import org.jooq.TransactionProvider;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultTransactionProvider;
import org.jooq.impl.ThreadLocalTransactionProvider;

/**
 * The jOOQ transaction that runs in the calling thread ({@code org.jooq:jooq}, an optional dependency).
 *
 * <p><b>What to register.</b> Nothing, but begin the transactions with {@link #dsl()}, a copy of the context that was given,
 * with one more {@code TransactionListener}; a transaction of any other context is not found, and asking in it is loud. Works
 * with jOOQ's {@code DefaultTransactionProvider} and {@code ThreadLocalTransactionProvider}, for {@code transaction},
 * {@code transactionResult} and their asynchronous twins; refuses others. Where Spring runs jOOQ's transactions, take
 * {@link dev.msk.core.spring.SpringTransactions}.
 *
 * <p>A transaction within a transaction, by the inner {@code Configuration}, is a savepoint: its rollback takes back what was
 * written, and an action registered in it still runs at the outer commit. One begun by {@link #dsl()} again, under a
 * {@code DefaultTransactionProvider}, is a transaction of its own with a connection of its own.
 *
 * <p><b>After the commit.</b> An action runs when jOOQ has committed and released the connection.
 *
 * <p>Thread-safe. Kept for the life of a service.
 */
public final class JooqTransactions implements CurrentTransaction {

  private final JooqCommits commits = new JooqCommits();
  private final DSLContext dsl;

  private JooqTransactions(DSLContext dsl) {
    this.dsl = DSL.using(dsl.configuration().deriveAppending(commits));
  }

  /**
   * Follows the transactions of a copy of a context.
   *
   * @param dsl with a connection provider; it stays as it is
   * @return the current transaction of {@link #dsl()}, by thread
   * @throws dev.msk.core.MissingDependencyException if jOOQ is not on the class path
   * @throws IllegalArgumentException if somebody else runs the context's transactions
   */
  public static JooqTransactions of(DSLContext dsl) {
    OptionalDependency.of(JooqTransactions.class, "jooq", "org.jooq.DSLContext")
        .require("JooqTransactions");
    TransactionProvider provider = requireNonNull(dsl, "dsl").configuration().transactionProvider();
    if (!(provider instanceof DefaultTransactionProvider
        || provider instanceof ThreadLocalTransactionProvider)) {
      throw new IllegalArgumentException(
          "transactionProvider: " + provider.getClass().getName()
              + " (expected: DefaultTransactionProvider or ThreadLocalTransactionProvider; for Spring's take SpringTransactions)");
    }
    return new JooqTransactions(dsl);
  }

  /**
   * The context that begins the transactions.
   *
   * @return always the same object
   */
  public DSLContext dsl() {
    return dsl;
  }

  @Override
  public Connection connection() {
    Connection connection = commits.connection();
    if (connection == null) {
      throw new NoTransactionException(
          "transaction: none in this thread (expected: one begun by JooqTransactions.dsl())");
    }
    Transactor.requireTransaction(connection);
    return connection;
  }

  @Override
  public boolean afterCommit(Connection connection, Runnable action) {
    return commits.add(requireNonNull(connection, "connection"), requireNonNull(action, "action"));
  }
}
