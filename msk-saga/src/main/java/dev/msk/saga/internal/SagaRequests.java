package dev.msk.saga.internal;

import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.CancelResult;
import dev.msk.saga.UnknownSagaException;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an application asks of a saga that runs, in a transaction of the application. Thread-safe. */
public final class SagaRequests {

  private static final Logger log = LoggerFactory.getLogger(SagaRequests.class);
  private static final int MAX_REASON = 1_000;

  private final SagaStore store;
  private final Map<DefinitionId, SagaShape<?>> shapes;
  private final CommitHooks commits;
  private final Runnable wake;

  public SagaRequests(
      SagaStore store, Map<DefinitionId, SagaShape<?>> shapes, CommitHooks commits, Runnable wake) {
    this.store = store;
    this.shapes = shapes;
    this.commits = commits;
    this.wake = wake;
  }

  public CancelResult cancel(Connection tx, String definition, String businessKey, String reason) {
    return cancel(tx, idOf(tx, definition, businessKey), reason);
  }

  public CancelResult cancel(Connection tx, UUID id, String reason) {
    Transactor.requireTransaction(tx);
    if (reason.isBlank() || reason.length() > MAX_REASON || reason.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("reason: '" + reason + "' (expected: not blank, at most "
          + MAX_REASON + " characters, no U+0000)");
    }
    try {
      SagaRow row = store.lock(tx, id).orElseThrow(() -> unknown(id.toString()));
      CancelResult result = SagaMachine.cancel(shapes.get(row.definition()), row);
      switch (result) {
        case REQUESTED -> {
          store.cancel(tx, id, reason, true);
          commits.afterCommit(tx, wake);
        }
        case PAST_PIVOT, PIVOT_UNKNOWN -> {
          store.cancel(tx, id, reason, false);
          log.warn(
              "Saga {} {} {}: not cancelled, {}: {}",
              row.definition(),
              row.businessKey(),
              id,
              result,
              reason);
        }
        case TURNED_BACK, ENDED ->
          log.info(
              "Saga {} {} {}: not cancelled, {}", row.definition(), row.businessKey(), id, result);
      }
      return result;
    } catch (SQLException e) {
      throw DatabaseException.during("cancelling saga " + id, e);
    }
  }

  private UUID idOf(Connection tx, String definition, String businessKey) {
    Transactor.requireTransaction(tx);
    try {
      return store
          .find(tx, definition, businessKey)
          .orElseThrow(() -> unknown(definition + " " + businessKey))
          .id();
    } catch (SQLException e) {
      throw DatabaseException.during("looking for saga " + definition + " " + businessKey, e);
    }
  }

  private static UnknownSagaException unknown(String saga) {
    return new UnknownSagaException("saga: " + saga + " (expected: one that exists)", saga);
  }
}
