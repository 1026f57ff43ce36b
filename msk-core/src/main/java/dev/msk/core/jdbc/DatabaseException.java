package dev.msk.core.jdbc;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The database failed. The message says what was being done, the cause is the driver's exception.
 */
public final class DatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;
  /** Classes of SQLSTATE: data, constraint, rollback, syntax or access, raised by a trigger. */
  private static final Set<String> REFUSALS = Set.of("22", "23", "40", "42", "P0");

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

  /**
   * Constraints and triggers checked late, a transaction that had failed before, serialisation, a statement sent along with the
   * commit that failed; 08003 was closed here, nothing was sent.
   */
  private static boolean refusedByDatabase(@Nullable String state) {
    if (state == null || state.length() < 2 || state.equals("40003")) {
      return false;
    }
    return REFUSALS.contains(state.substring(0, 2))
        || state.equals("25P02")
        || state.equals("08003");
  }
}
