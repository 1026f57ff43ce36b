package dev.msk.core.internal;

import dev.msk.core.jdbc.Dialect;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Whether a statement of a PostgreSQL transaction has failed, so that nothing but a rollback can follow.
 *
 * <p>PostgreSQL answers the COMMIT of such a transaction with ROLLBACK, and pgjdbc returns from {@code commit()} as if nothing
 * had happened: work that swallowed the statement's exception would be reported as committed. pgjdbc knows the state without a
 * round trip; it is asked by reflection, because the driver is the user's. Where pgjdbc is hidden, a statement finds out.
 */
final class AbortedTransaction {

  private static final String ABORTED = "25P02";
  private static final @Nullable Method STATE = load();

  private AbortedTransaction() {}

  static boolean is(Connection tx) throws SQLException {
    if (STATE != null && tx.isWrapperFor(STATE.getDeclaringClass())) {
      return state(tx.unwrap(STATE.getDeclaringClass()), STATE).equals("FAILED");
    }
    return Dialect.POSTGRESQL.matches(tx) && probeFails(tx);
  }

  private static String state(Object pgConnection, Method state) throws SQLException {
    try {
      return String.valueOf(state.invoke(pgConnection));
    } catch (ReflectiveOperationException e) {
      throw new SQLException("Could not ask pgjdbc for the state of the transaction", e);
    }
  }

  private static boolean probeFails(Connection tx) throws SQLException {
    try (Statement probe = tx.createStatement()) {
      probe.execute("SELECT 1");
      return false;
    } catch (SQLException e) {
      if (ABORTED.equals(e.getSQLState())) {
        return true;
      }
      throw e;
    }
  }

  private static @Nullable Method load() {
    try {
      return Class.forName(
              "org.postgresql.core.BaseConnection",
              false,
              AbortedTransaction.class.getClassLoader())
          .getMethod("getTransactionState");
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }
}
