package dev.msk.messaging.internal;

import dev.msk.core.jdbc.DatabaseException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells a database that is not there, which passes, from failures that a handler may have caused, which may not. */
final class Failures {

  private static final int MAX_DEPTH = 20;

  /** Shut down by an operator, after a crash, or not yet up; session ended while it was idle. */
  private static final Set<String> AWAY = Set.of("57P01", "57P02", "57P03", "57P05");

  private Failures() {}

  /**
   * Connection lost or none free (08), out of resources (53), shutting down or starting (57P0x). Everything else counts as an
   * attempt: a statement that always times out (57014), a deadlock (40P01) or a lock that never comes (55P03) would otherwise
   * hold up all that is behind it for ever.
   */
  static boolean isPassing(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof SQLTransientConnectionException) {
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
        && (sqlState.startsWith("08") || sqlState.startsWith("53") || AWAY.contains(sqlState));
  }
}
