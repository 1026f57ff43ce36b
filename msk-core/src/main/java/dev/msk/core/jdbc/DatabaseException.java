package dev.msk.core.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The database failed. The message says what was being done, the cause is the driver's exception.
 */
public final class DatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Of the driver's exception. */
  private final @Nullable String sqlState;
  /** Whether the answer of a commit is missing. */
  private final boolean outcomeUnknown;

  private DatabaseException(String message, SQLException cause, boolean outcomeUnknown) {
    super(message, cause);
    this.sqlState = cause.getSQLState();
    this.outcomeUnknown = outcomeUnknown;
  }

  /**
   * A failure that left nothing behind: its transaction is rolled back or never began.
   *
   * @param doing what was being done, for example {@code acquiring lease relay/orders/0}
   * @param cause what the driver said
   * @return the exception
   */
  public static DatabaseException during(String doing, SQLException cause) {
    return new DatabaseException(message(doing, cause), cause, false);
  }

  /**
   * A failure of a commit, after which the transaction may have taken place or not, unless the database itself refused it.
   *
   * @param cause what the driver said
   * @return the exception
   */
  public static DatabaseException duringCommit(SQLException cause) {
    boolean unknown = !refusedByDatabase(cause.getSQLState());
    String doing =
        unknown ? "committing (it may or may not have taken place)" : "committing (rolled back)";
    return new DatabaseException(message(doing, cause), cause, unknown);
  }

  /**
   * The SQLSTATE of the driver's exception.
   *
   * @return five characters, or null if the driver gave none
   */
  public @Nullable String sqlState() {
    return sqlState;
  }

  /**
   * Whether a commit was sent and its answer is missing.
   *
   * @return true if the transaction may have taken place: look for its effect before trying again
   */
  public boolean outcomeUnknown() {
    return outcomeUnknown;
  }

  private static String message(String doing, SQLException cause) {
    return "Database failed while " + doing + ": " + cause.getMessage() + " (SQLSTATE "
        + cause.getSQLState() + ")";
  }

  /** Constraints checked late, a transaction that had failed before, serialisation; 08003 was closed here, nothing was sent. */
  private static boolean refusedByDatabase(@Nullable String state) {
    if (state == null || state.equals("40003")) {
      return false;
    }
    return state.startsWith("23")
        || state.startsWith("40")
        || state.equals("25P02")
        || state.equals("08003");
  }
}
