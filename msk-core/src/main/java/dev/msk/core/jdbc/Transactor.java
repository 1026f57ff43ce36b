package dev.msk.core.jdbc;

import dev.msk.core.internal.DataSourceTransactor;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs work in a transaction on a connection of its own: all of it, or nothing.
 *
 * <p>{@link #of} takes a connection from a {@link DataSource}, switches auto-commit off, runs the work, commits, restores
 * auto-commit and returns the connection, whatever happens. If the work throws, the transaction is rolled back and the
 * exception goes out as it is; only {@link SQLException} becomes {@link DatabaseException}. What fails while rolling back is
 * added to it as suppressed.
 *
 * <p><b>Crashes.</b> Before the commit has been sent: the database rolls everything back, nothing happened. While the commit is
 * on its way: it took place or it did not, and if the process lives it gets a {@link DatabaseException} whose
 * {@link DatabaseException#outcomeUnknown()} is true: look for the effect, under a key of your own, before trying again. After
 * the commit: everything happened, actions of {@link #afterCommit} may be lost.
 *
 * <p>On MySQL, MariaDB and H2 a statement that defines something (CREATE, ALTER) commits what was done before it, and a deadlock
 * rolls the whole transaction back: work that swallows that exception and goes on is in a new transaction, which is committed
 * without what came before. Let such exceptions out. On PostgreSQL a swallowed exception makes the commit fail.
 *
 * <p>A thread has one transaction of a transactor at a time: running another within it throws {@link IllegalStateException};
 * pass the connection on instead. Thread-safe.
 */
public interface Transactor extends CommitHooks {

  /**
   * Work in a transaction that has a result.
   *
   * @param <T> the type of the result
   * @param <X> what the work throws beside {@link SQLException}
   */
  @FunctionalInterface
  interface Work<T extends @Nullable Object, X extends Exception> {

    /**
     * Does the work.
     *
     * @param tx the connection, in a transaction; it must not be committed, rolled back, closed or kept
     * @return the result
     * @throws X to roll back
     * @throws SQLException to roll back
     */
    T run(Connection tx) throws X, SQLException;
  }

  /**
   * Work in a transaction that has no result.
   *
   * @param <X> what the work throws beside {@link SQLException}
   */
  @FunctionalInterface
  interface Action<X extends Exception> {

    /**
     * Does the work.
     *
     * @param tx the connection, in a transaction; it must not be committed, rolled back, closed or kept
     * @throws X to roll back
     * @throws SQLException to roll back
     */
    void run(Connection tx) throws X, SQLException;
  }

  /**
   * A transactor over a data source, with the isolation that its connections come with.
   *
   * @param dataSource gives the connections; it stays the caller's
   * @return a transactor
   */
  static Transactor of(DataSource dataSource) {
    return new DataSourceTransactor(dataSource);
  }

  /**
   * Checks that a connection is in a transaction, as far as JDBC can tell: it is open and auto-commit is off.
   *
   * @param connection the caller's connection
   * @throws NoTransactionException if it is closed or commits each statement by itself
   * @throws DatabaseException if the connection could not be asked
   */
  static void requireTransaction(Connection connection) {
    DataSourceTransactor.requireTransaction(connection);
  }

  /**
   * Runs work in a transaction and returns its result once it has been committed.
   *
   * @param work what to do
   * @param <T> the type of the result
   * @param <X> what the work throws beside {@link SQLException}
   * @return the result of the work
   * @throws X from the work, after the rollback
   * @throws DatabaseException if the database failed, before, in or after the work
   * @throws IllegalStateException if this thread is in a transaction of this transactor
   */
  <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X;

  /**
   * Runs one statement that is a transaction by itself: one round trip, where {@link #call} needs a second one for the commit. By default
   * as {@link #call}; transactors made by {@link #of} give the work a connection in auto-commit mode.
   *
   * @param work sends one statement, and no more
   * @param <T> the type of the result
   * @param <X> what the work throws beside {@link SQLException}
   * @return the result of the work
   * @throws X from the work
   * @throws DatabaseException if the database failed; whether the statement took place may be unknown, as with a commit
   * @throws IllegalStateException if this thread is in a transaction of this transactor
   */
  default <T extends @Nullable Object, X extends Exception> T callStatement(Work<T, X> work)
      throws X {
    return call(work);
  }

  /**
   * Runs work in a transaction and returns once it has been committed.
   *
   * @param action what to do
   * @param <X> what the work throws beside {@link SQLException}
   * @throws X from the work, after the rollback
   * @throws DatabaseException if the database failed, before, in or after the work
   * @throws IllegalStateException if this thread is in a transaction of this transactor
   */
  <X extends Exception> void run(Action<X> action) throws X;
}
