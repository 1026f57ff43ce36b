package dev.msk.core.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.Transactor;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link Transactor} over a data source. The transactions of a thread form a stack, one per transactor. */
public final class DataSourceTransactor implements Transactor {

  /** The hooks of all transactors. */
  public static final CommitHooks HOOKS =
      (connection, action) -> register(null, connection, action);

  private static final Logger log = LoggerFactory.getLogger(Transactor.class);
  private static final ThreadLocal<Transaction> INNERMOST = new ThreadLocal<>();

  private final DataSource dataSource;

  /**
   * Creates one.
   *
   * @param dataSource gives the connections
   */
  public DataSourceTransactor(DataSource dataSource) {
    this.dataSource = requireNonNull(dataSource, "dataSource");
  }

  @Override
  public <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
    requireNonNull(work, "work");
    requireOutside();
    Transaction transaction = new Transaction(this, open(), INNERMOST.get());
    T result = transaction.run(work);
    transaction.actions.run();
    return result;
  }

  @Override
  public <T extends @Nullable Object, X extends Exception> T callStatement(Work<T, X> work)
      throws X {
    requireNonNull(work, "work");
    requireOutside();
    Connection connection = open();
    boolean wasAutoCommit = true;
    try {
      wasAutoCommit = connection.getAutoCommit();
      if (!wasAutoCommit) {
        connection.setAutoCommit(true);
      }
      return work.run(connection);
    } catch (SQLException e) {
      throw DatabaseException.duringCommit(e);
    } finally {
      giveBack(connection, wasAutoCommit);
    }
  }

  private void requireOutside() {
    if (find(this, null) != null) {
      throw new IllegalStateException(
          "This thread is in a transaction of this transactor: pass its connection on");
    }
  }

  private static void giveBack(Connection connection, boolean autoCommit) {
    try (connection) {
      if (!autoCommit) {
        connection.setAutoCommit(false);
      }
    } catch (SQLException e) {
      log.warn("A connection could not be given back as it came: {}", e.toString());
    }
  }

  @Override
  public <X extends Exception> void run(Action<X> action) throws X {
    requireNonNull(action, "action");
    Boolean unused = this.<Boolean, X>call(tx -> {
      action.run(tx);
      return true;
    });
  }

  @Override
  public boolean afterCommit(Connection connection, Runnable action) {
    return register(this, connection, action);
  }

  /**
   * Checks that a connection is in a transaction.
   *
   * @param connection the caller's
   */
  public static void requireTransaction(Connection connection) {
    requireNonNull(connection, "connection");
    try {
      if (connection.isClosed()) {
        throw new NoTransactionException("connection: closed (expected: open, in a transaction)");
      }
      if (connection.getAutoCommit()) {
        throw new NoTransactionException(
            "connection: in auto-commit mode (expected: in a transaction;"
                + " use Transactor.run, or setAutoCommit(false) before and commit after)");
      }
    } catch (SQLException e) {
      throw DatabaseException.during("asking a connection whether it is in a transaction", e);
    }
  }

  private Connection open() {
    try {
      return dataSource.getConnection();
    } catch (SQLException e) {
      throw DatabaseException.during("getting a connection", e);
    }
  }

  private static boolean register(
      @Nullable DataSourceTransactor transactor, Connection connection, Runnable action) {
    requireNonNull(connection, "connection");
    requireNonNull(action, "action");
    Transaction transaction = find(transactor, connection);
    if (transaction == null) {
      return false;
    }
    transaction.actions.add(action);
    return true;
  }

  private static @Nullable Transaction find(
      @Nullable DataSourceTransactor transactor, @Nullable Connection connection) {
    for (Transaction t = INNERMOST.get(); t != null; t = t.outer) {
      boolean ofTransactor = transactor == null || t.transactor == transactor;
      if (ofTransactor && (connection == null || t.connection == connection)) {
        return t;
      }
    }
    return null;
  }

  /** One transaction of a thread. */
  private static final class Transaction {

    final DataSourceTransactor transactor;
    final Connection connection;
    final @Nullable Transaction outer;
    final CommitActions actions = new CommitActions();
    private boolean wasAutoCommit;

    Transaction(
        DataSourceTransactor transactor, Connection connection, @Nullable Transaction outer) {
      this.transactor = transactor;
      this.connection = connection;
      this.outer = outer;
    }

    <T extends @Nullable Object, X extends Exception> T run(Work<T, X> work) throws X {
      T result;
      try {
        begin();
        result = inside(work);
        commit();
      } catch (Throwable failure) {
        rollback(failure);
        giveBack(failure);
        throw failure;
      }
      giveBack(null);
      return result;
    }

    private void begin() {
      try {
        wasAutoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
      } catch (SQLException e) {
        throw DatabaseException.during("beginning a transaction", e);
      }
    }

    private <T extends @Nullable Object, X extends Exception> T inside(Work<T, X> work) throws X {
      INNERMOST.set(this);
      try {
        return work.run(connection);
      } catch (SQLException e) {
        throw DatabaseException.during("running work in a transaction (rolled back)", e);
      } finally {
        if (outer == null) {
          INNERMOST.remove();
        } else {
          INNERMOST.set(outer);
        }
      }
    }

    private void commit() {
      try {
        if (AbortedTransaction.is(connection)) {
          throw new SQLException("a statement had failed and its exception was swallowed", "25P02");
        }
        connection.commit();
      } catch (SQLException e) {
        throw DatabaseException.duringCommit(e);
      }
    }

    private void rollback(Throwable failure) {
      try {
        if (!connection.isClosed() && !connection.getAutoCommit()) {
          connection.rollback();
        }
      } catch (SQLException | RuntimeException e) {
        failure.addSuppressed(e);
      }
    }

    /** After a commit nothing may be thrown any more: the transaction has taken place. */
    private void giveBack(@Nullable Throwable failure) {
      try (Connection returned = connection) {
        if (wasAutoCommit && !returned.isClosed()) {
          returned.setAutoCommit(true);
        }
      } catch (SQLException | RuntimeException e) {
        if (failure == null) {
          log.warn("Could not return a connection after its transaction had committed", e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
  }
}
