package dev.msk.saga.testing;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source whose connections are transactions over Java objects and know no SQL: what a fake changes within a transaction is
 * taken back when that rolls back. Give it to {@code Transactor.of}.
 *
 * <p>One thread at a time is in a transaction, others wait for it to end; a thread that opens a second transaction within its first
 * sees what the first has not committed. Thread-safe.
 */
public final class InMemoryDatabase implements DataSource {

  private final OneThread oneThread = new OneThread();

  private InMemoryDatabase() {}

  /**
   * A database without anything.
   *
   * @return a new one
   */
  public static InMemoryDatabase create() {
    return new InMemoryDatabase();
  }

  /**
   * Has a change taken back if the transaction in which it was made rolls back; the last change first.
   *
   * @param tx a connection of this database, in a transaction
   * @param undo takes the change back
   * @throws SQLException if the connection is not of this kind, or is in no transaction
   */
  public void onRollback(Connection tx, Runnable undo) throws SQLException {
    transaction(tx).undo.push(undo);
  }

  /** Has an action run when the transaction ends, either way. */
  void onEnd(Connection tx, Runnable action) throws SQLException {
    transaction(tx).ended.push(action);
  }

  /** What tells one transaction of a connection from others. */
  Object identity(Connection tx) throws SQLException {
    return transaction(tx);
  }

  private Transaction transaction(Connection tx) throws SQLException {
    if (Proxy.isProxyClass(tx.getClass())
        && Proxy.getInvocationHandler(tx) instanceof Transaction transaction
        && transaction.database() == this) {
      if (transaction.autoCommit) {
        throw new SQLException("connection: in auto-commit mode (expected: in a transaction)");
      }
      return transaction;
    }
    throw new SQLException("connection: " + tx.getClass() + " (expected: one of this database)");
  }

  @Override
  public Connection getConnection() {
    return (Connection) Proxy.newProxyInstance(
        InMemoryDatabase.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        new Transaction());
  }

  @Override
  public Connection getConnection(String username, String password) {
    return getConnection();
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
    throw new SQLFeatureNotSupportedException("log writer");
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    throw new SQLFeatureNotSupportedException("login timeout");
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("logger");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("not a wrapper for " + type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }

  /** A connection and what is not committed on it; compared by identity. */
  private final class Transaction implements InvocationHandler {

    final Deque<Runnable> undo = new ArrayDeque<>();
    final Deque<Runnable> ended = new ArrayDeque<>();
    volatile boolean autoCommit = true;
    private volatile boolean closed;

    InMemoryDatabase database() {
      return InMemoryDatabase.this;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      return switch (method.getName()) {
        case "getAutoCommit" -> autoCommit;
        case "setAutoCommit" -> {
          setAutoCommit(arguments != null && (Boolean) arguments[0]);
          yield null;
        }
        case "commit" -> {
          undo.clear();
          end();
          yield null;
        }
        case "rollback" -> {
          rollBack();
          yield null;
        }
        case "close" -> {
          setAutoCommit(true);
          closed = true;
          yield null;
        }
        case "isClosed" -> closed;
        case "isWrapperFor" -> false;
        case "getMetaData" -> metaData();
        case "equals" -> arguments != null && proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        case "toString" -> "connection in memory";
        default -> throw new SQLFeatureNotSupportedException(method.getName() + ", in memory");
      };
    }

    private void setAutoCommit(boolean value) {
      if (autoCommit && !value) {
        oneThread.enter();
      } else if (!autoCommit && value) {
        rollBack();
        oneThread.leave();
      }
      autoCommit = value;
    }

    private void rollBack() {
      while (!undo.isEmpty()) {
        undo.pop().run();
      }
      end();
    }

    private void end() {
      while (!ended.isEmpty()) {
        ended.pop().run();
      }
    }

    private DatabaseMetaData metaData() {
      return (DatabaseMetaData) Proxy.newProxyInstance(
          InMemoryDatabase.class.getClassLoader(),
          new Class<?>[] {DatabaseMetaData.class},
          (proxy, method, arguments) -> {
            if (method.getName().equals("getDatabaseProductName")) {
              return "memory";
            }
            throw new SQLFeatureNotSupportedException(method.getName() + ", in memory");
          });
    }
  }

  /** Lets one thread in at a time, and that one as often as it likes. */
  private static final class OneThread {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private @Nullable Thread inside;
    private int depth;

    void enter() {
      lock.lock();
      try {
        while (inside != null && inside != Thread.currentThread()) {
          left.awaitUninterruptibly();
        }
        inside = Thread.currentThread();
        depth++;
      } finally {
        lock.unlock();
      }
    }

    void leave() {
      lock.lock();
      try {
        depth--;
        if (depth == 0) {
          inside = null;
          left.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
