package dev.msk.messaging.internal;

import dev.msk.core.jdbc.DatabaseException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;

/** Tells failures of the database itself, which pass, from failures that belong to one message. */
final class Failures {

  private static final int MAX_DEPTH = 20;

  private Failures() {}

  /**
   * Connection lost (08), transaction rolled back by the database (40), out of resources (53), shut
   * down or cancelled by an operator (57), lock not available (55P03).
   */
  static boolean isPassing(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof SQLTransientException) {
        return true;
      }
      if (cause instanceof SQLException sql && isPassing(sql.getSQLState())) {
        return true;
      }
      if (cause instanceof DatabaseException database && isPassing(database.sqlState())) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private static boolean isPassing(@Nullable String sqlState) {
    return sqlState != null
        && (sqlState.startsWith("08")
            || sqlState.startsWith("40")
            || sqlState.startsWith("53")
            || sqlState.startsWith("57")
            || sqlState.equals("55P03"));
  }
}
