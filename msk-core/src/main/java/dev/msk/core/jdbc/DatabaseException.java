package dev.msk.core.jdbc;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The database failed. The message says what was being done, the cause is the driver's exception.
 */
public final class DatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;
  /** Classes of SQLSTATE: data, constraint, rollback, syntax or access, raised by SIGNAL or by a trigger. */
  private static final Set<String> REFUSALS = Set.of("22", "23", "40", "42", "45", "P0");
  /**
   * SQLSTATE and vendor's code where the state alone says too little. MySQL and MariaDB: lock wait timeout, a record has changed
   * since it was read, a row is locked. H2: lock timeout, a row has changed since it was read.
   */
  private static final Set<String> REFUSAL_CODES =
      Set.of("HY000/1205", "HY000/1020", "HY000/3572", "HYT00/50200", "90131/90131");

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
    boolean unknown = !refusedByDatabase(cause.getSQLState(), cause.getErrorCode());
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
    // MySQL puts most of what can happen under HY000.
    String code = cause.getErrorCode() == 0 ? "" : ", error " + cause.getErrorCode();
    return "Database failed while " + doing + ": " + cause.getMessage() + " (SQLSTATE "
        + cause.getSQLState() + code + ")";
  }

  /**
   * Constraints and triggers checked late, a transaction that had failed before, serialisation, a statement sent along with the
   * commit that failed, a lock that was waited for too long; 08003 was closed here, nothing was sent.
   */
  private static boolean refusedByDatabase(@Nullable String state, int code) {
    if (state == null || state.length() < 2 || state.equals("40003")) {
      return false;
    }
    return REFUSALS.contains(state.substring(0, 2))
        || REFUSAL_CODES.contains(state + "/" + code)
        || state.equals("25P02")
        || state.equals("55P03")
        || state.equals("08003");
  }
}
