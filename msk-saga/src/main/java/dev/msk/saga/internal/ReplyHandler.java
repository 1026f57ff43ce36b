package dev.msk.saga.internal;

import dev.msk.core.jdbc.CommitHooks;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventHandler;
import dev.msk.messaging.Extension;
import dev.msk.saga.SagaEndedException;
import dev.msk.saga.UnknownSagaException;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps replies to commands, and wakes the sagas that wait for them. Thread-safe. */
public final class ReplyHandler implements EventHandler {

  private static final Logger log = LoggerFactory.getLogger(ReplyHandler.class);

  private final SagaStore store;
  private final CommitHooks commits;
  private final Runnable wake;

  public ReplyHandler(SagaStore store, CommitHooks commits, Runnable wake) {
    this.store = store;
    this.commits = commits;
    this.wake = wake;
  }

  @Override
  public void handle(Connection tx, EventEnvelope event) throws SQLException {
    String cause = event.extension(Extension.CAUSATION_ID).orElse("");
    CommandId command = CommandId.parse(cause)
        .orElseThrow(() -> new UnknownSagaException(
            event + ": causationid: " + cause + " (expected: <saga id>/<step>)", cause));
    SagaStore.Received received = store.receive(
        tx,
        new SagaReply(
            command.saga(),
            command.step(),
            command.undo(),
            event.source(),
            event.id(),
            event.type(),
            event.data()));
    switch (received) {
      case ACCEPTED -> commits.afterCommit(tx, wake);
      case DUPLICATE, KEPT -> log.info("Reply {} to {}: {}", event, command, received);
      case ENDED ->
        throw new SagaEndedException(
            event + ": causationid: " + cause + " (expected: a saga that has not ended)", cause);
      case UNKNOWN_SAGA ->
        throw new UnknownSagaException(
            event + ": causationid: " + cause + " (expected: a saga that exists)", cause);
    }
  }
}
