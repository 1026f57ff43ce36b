package dev.msk.examples.inventory;

import dev.msk.core.jdbc.DatabaseException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What callers are told when a call ends badly. Refusals go as they are; of everything else the log has
 * the reason, and the caller learns whether it is worth another try.
 */
final class Failures {

  private static final Logger log = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static StatusRuntimeException of(Throwable failure) {
    if (failure instanceof StatusRuntimeException refusal) {
      return refusal;
    }
    if (failure instanceof DatabaseException database) {
      String state = String.valueOf(database.sqlState());
      if (state.equals("57014")) {
        return Status.DEADLINE_EXCEEDED
            .withDescription("the database did not answer in time")
            .asRuntimeException();
      }
      if (database.outcomeUnknown() || passes(state)) {
        log.warn("Database is away: {}", database.getMessage());
        return Status.UNAVAILABLE
            .withDescription("the database does not answer at present")
            .asRuntimeException();
      }
    }
    log.error("Call failed", failure);
    return Status.INTERNAL.withDescription("inventory failed").asRuntimeException();
  }

  /**
   * Connections (08), shutdown and start (57P), no room (53), conflicts of transactions (40); no state
   * at all: the pool has no connection to give.
   */
  private static boolean passes(String state) {
    return state.equals("null")
        || state.startsWith("08")
        || state.startsWith("57P")
        || state.startsWith("53")
        || state.startsWith("40");
  }
}
