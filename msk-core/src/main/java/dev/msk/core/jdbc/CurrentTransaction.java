package dev.msk.core.jdbc;

import java.sql.Connection;

/**
 * Finds the transaction that the calling thread is in, where a framework began it and keeps its connection: Spring, Jakarta
 * Transactions, jOOQ. It begins nothing, commits nothing and closes nothing.
 *
 * <p>An action of {@link #afterCommit} runs once the framework has committed, before or after it has returned the connection:
 * it wakes somebody and does no database work. Thread-safe.
 */
public interface CurrentTransaction extends CommitHooks {

  /**
   * The connection of the transaction that the calling thread is in.
   *
   * @return the framework's own: do not commit it, roll it back, close it, or keep it past the transaction
   * @throws NoTransactionException if the thread is in no transaction of this data source, in one that may not write, or in one
   *     that has ended
   * @throws DatabaseException if the connection could not be asked, or got
   */
  Connection connection();
}
