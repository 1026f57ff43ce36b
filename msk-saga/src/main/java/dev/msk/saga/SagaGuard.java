package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.TableNames;
import dev.msk.core.jdbc.Transactor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Keeps a step and its compensation from crossing, at the participant. A coordinator compensates what may have happened, so a
 * compensation can come for a call that never arrived, and the call itself can arrive after it: a message that waited, a node that was
 * paused. The first must do nothing, the second must be refused, and either may come twice.
 *
 * <pre>{@code
 * transactor.run(tx -> {
 *   switch (guard.forward(tx, key)) {
 *     case FIRST -> stock.reserve(tx, order);
 *     case REPEATED -> {}                     // answer as the first time
 *     case UNDONE -> throw new TooLateException(key);
 *   }
 * });
 * transactor.run(tx -> {
 *   if (guard.backward(tx, key) == SagaGuard.Backward.UNDO) {
 *     stock.release(tx, order);
 *   }
 * });
 * }</pre>
 *
 * <p><b>Guarantee.</b> For each key, of all transactions that commit: at most one gets {@link Forward#FIRST}; at most one gets
 * {@link Backward#UNDO}, and only after that one; after any answer of {@link #backward} none gets FIRST. A transaction waits for
 * another one under the same key to end.
 *
 * <p><b>Crash.</b> The line and the participant's work are one commit: both happened or neither.
 *
 * <p>In PostgreSQL 14 or newer, read committed; the table is that of {@link SagaGuardSchema}. Thread-safe.
 *
 * @see <a href="https://seata.apache.org/blog/seata-tcc-fence/">Empty rollback and suspension, as Seata calls them</a>
 */
public final class SagaGuard {

  private static final int MAX_KEY = 300;

  private final String insertKey;
  private final String selectUndone;
  private final String updateUndone;
  private final String deleteOld;

  private SagaGuard(TableNames names) {
    String guard = names.table("saga_guard");
    this.insertKey = "INSERT INTO " + guard
        + " (idempotency_key, undone) VALUES (?, ?) ON CONFLICT (idempotency_key) DO NOTHING";
    this.selectUndone = "SELECT undone FROM " + guard + " WHERE idempotency_key = ? FOR SHARE";
    this.updateUndone =
        "UPDATE " + guard + " SET undone = true WHERE idempotency_key = ? AND NOT undone";
    this.deleteOld =
        "DELETE FROM " + guard + " WHERE idempotency_key IN (SELECT idempotency_key FROM "
            + guard + " WHERE created_at < statement_timestamp() - ? * interval '1 millisecond'"
            + " ORDER BY created_at LIMIT ? FOR UPDATE SKIP LOCKED)";
  }

  /** What a step is to do. */
  public enum Forward {
    /** Its work. */
    FIRST,
    /** Nothing: it is done. */
    REPEATED,
    /** Nothing, ever: its compensation came first, or has undone it. A definite no. */
    UNDONE
  }

  /** What a compensation is to do. */
  public enum Backward {
    /** Undo the work. */
    UNDO,
    /** Nothing: the work was never done, and will not be any more. */
    NOTHING,
    /** Nothing: it was here before. */
    REPEATED
  }

  /**
   * The table {@code msk_saga_guard} in the schema that the connection's search path finds.
   *
   * @return a guard
   */
  public static SagaGuard of() {
    return of(TableNames.defaults());
  }

  /**
   * The table under the names that are given.
   *
   * @param names schema and prefix of the table
   * @return a guard
   */
  public static SagaGuard of(TableNames names) {
    return new SagaGuard(requireNonNull(names, "names"));
  }

  /**
   * Asks before a step's work, in its transaction.
   *
   * @param tx a connection with an open transaction, to the participant's database
   * @param idempotencyKey of the step, 1 to 300 characters: {@link SagaCall#idempotencyKey()}, or the id of the command
   * @return what the step is to do
   * @throws IllegalArgumentException if the key is out of bounds
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public Forward forward(Connection tx, String idempotencyKey) {
    checked(tx, idempotencyKey);
    try {
      if (insert(tx, idempotencyKey, false)) {
        return Forward.FIRST;
      }
      return isUndone(tx, idempotencyKey) ? Forward.UNDONE : Forward.REPEATED;
    } catch (SQLException e) {
      throw DatabaseException.during("guarding step " + idempotencyKey, e);
    }
  }

  /**
   * Asks before a compensation's work, in its transaction.
   *
   * @param tx a connection with an open transaction, to the participant's database
   * @param idempotencyKey of the step that is compensated, 1 to 300 characters: {@link SagaCall#idempotencyKey()}, or the
   *     {@code causationid} of the compensating command
   * @return what the compensation is to do
   * @throws IllegalArgumentException if the key is out of bounds
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public Backward backward(Connection tx, String idempotencyKey) {
    checked(tx, idempotencyKey);
    try {
      if (insert(tx, idempotencyKey, true)) {
        return Backward.NOTHING;
      }
      return markUndone(tx, idempotencyKey) ? Backward.UNDO : Backward.REPEATED;
    } catch (SQLException e) {
      throw DatabaseException.during("guarding the compensation of " + idempotencyKey, e);
    }
  }

  /**
   * Forgets old keys. Safe at any time and from any process.
   *
   * @param tx a connection with an open transaction
   * @param keep longer than any saga takes, and than any message waits: a call that comes later is taken for the first
   * @param atMost how many keys
   * @return how many were forgotten
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public int purge(Connection tx, Duration keep, int atMost) {
    Transactor.requireTransaction(tx);
    try (PreparedStatement delete = tx.prepareStatement(deleteOld)) {
      delete.setLong(1, keep.toMillis());
      delete.setInt(2, atMost);
      return delete.executeUpdate();
    } catch (SQLException e) {
      throw DatabaseException.during("forgetting old keys of sagas", e);
    }
  }

  private boolean insert(Connection tx, String key, boolean undone) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(insertKey)) {
      insert.setString(1, key);
      insert.setBoolean(2, undone);
      return insert.executeUpdate() == 1;
    }
  }

  /** Locks the line, so that no compensation commits between the answer and the end of the caller's transaction. */
  private boolean isUndone(Connection tx, String key) throws SQLException {
    try (PreparedStatement select = tx.prepareStatement(selectUndone)) {
      select.setString(1, key);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException(
              "key " + key + ": exists and cannot be seen (expected: isolation read committed)",
              "40001");
        }
        return row.getBoolean(1);
      }
    }
  }

  private boolean markUndone(Connection tx, String key) throws SQLException {
    try (PreparedStatement update = tx.prepareStatement(updateUndone)) {
      update.setString(1, key);
      return update.executeUpdate() == 1;
    }
  }

  private static void checked(Connection tx, String key) {
    Transactor.requireTransaction(tx);
    if (key.isEmpty() || key.length() > MAX_KEY || key.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("idempotencyKey: " + key.length()
          + " characters (expected: 1 to " + MAX_KEY + ", no U+0000)");
    }
  }
}
