package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventHandler;
import dev.msk.saga.SagaEndedException;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SignalResult;
import dev.msk.saga.UnknownSagaException;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what steps wait for. It is kept where replies are kept, so what comes before its step is there when the saga gets to it.
 * What its step could not read is refused here, where the sender hears of it. Thread-safe.
 */
public final class SagaSignals {

  private static final Logger log = LoggerFactory.getLogger(SagaSignals.class);
  private static final String SIGNAL = "signal";

  private final SagaStore store;
  private final Map<DefinitionId, SagaShape<?>> shapes;
  private final Codec codec;
  private final Chance chance;
  private final CommitHooks commits;
  private final Runnable wake;

  public SagaSignals(EngineSettings settings, CommitHooks commits, Runnable wake) {
    this.store = settings.store();
    this.shapes = settings.shapes();
    this.codec = settings.codec();
    this.chance = settings.chance();
    this.commits = commits;
    this.wake = wake;
  }

  public SignalResult signal(
      Connection tx, String definition, String businessKey, String step, Object payload) {
    Transactor.requireTransaction(tx);
    Message message = new Message(SIGNAL, chance.id().toString(), SIGNAL, codec.encode(payload));
    return bring(tx, definition, businessKey, step, message);
  }

  public EventHandler events(
      String definition, String step, Function<EventEnvelope, String> businessKey) {
    return (tx, event) -> {
      String key = businessKey.apply(event);
      Message message = new Message(event.source(), event.id(), event.type(), event.data());
      SignalResult result = bring(tx, definition, key, step, message);
      log.debug("Event {} for step {} of saga {} {}: {}", event, step, definition, key, result);
    };
  }

  private SignalResult bring(
      Connection tx, String definition, String businessKey, String step, Message message) {
    String target = definition + " " + businessKey;
    try {
      SagaRow known = store
          .find(tx, definition, businessKey)
          .orElseThrow(() -> new UnknownSagaException(
              message + ": saga: " + target + " (expected: one that exists)", target));
      SagaRow row = store.lock(tx, known.id()).orElse(known);
      SagaShape<?> shape = shapes.get(row.definition());
      SagaReply reply = message.to(row, step);
      if (shape != null) {
        check(shape, step, reply);
      }
      return switch (store.receive(tx, reply)) {
        case ACCEPTED -> {
          commits.afterCommit(tx, wake);
          yield SignalResult.TAKEN;
        }
        case KEPT -> kept(shape, row, step, message);
        case DUPLICATE -> {
          log.info("{}: step {} of saga {} has one already", message, step, target);
          yield SignalResult.DUPLICATE;
        }
        case ENDED ->
          throw new SagaEndedException(
              message + ": saga: " + target + ": " + row.status()
                  + " (expected: one that has not ended)",
              target);
        case UNKNOWN_SAGA ->
          throw new UnknownSagaException(
              message + ": saga: " + target + " (expected: one that exists)", target);
      };
    } catch (SQLException e) {
      throw DatabaseException.during("bringing " + message + " to saga " + target, e);
    }
  }

  private void check(SagaShape<?> shape, String step, SagaReply reply) {
    int position = shape.indexOf(step);
    if (position < 0
        || !(shape.steps().get(position).forward() instanceof StepBody.Await<?> await)) {
      throw new IllegalArgumentException("step: " + step + " (expected: one of saga " + shape.id()
          + " that waits for an event or a signal)");
    }
    Object unused = ReplyReader.decode(codec, reply, await.type());
  }

  private static SignalResult kept(
      @Nullable SagaShape<?> shape, SagaRow row, String step, Message message) {
    boolean back =
        row.status() == SagaStatus.COMPENSATING || row.status() == SagaStatus.STUCK_BACKWARD;
    if (back || (shape != null && row.position() > shape.indexOf(step))) {
      log.warn(
          "{}: too late for step {} of saga {} {}, {} at {}",
          message,
          step,
          row.definition(),
          row.businessKey(),
          row.status(),
          row.step());
      return SignalResult.LATE;
    }
    return SignalResult.EARLY;
  }

  /** What came. */
  private record Message(String source, String id, String type, byte @Nullable [] data) {

    SagaReply to(SagaRow row, String step) {
      return new SagaReply(row.id(), step, false, source, id, type, data);
    }

    @Override
    public String toString() {
      return type + " " + source + "#" + id;
    }
  }
}
