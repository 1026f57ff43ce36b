package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Outbox;
import dev.msk.saga.Command;
import dev.msk.saga.spi.SagaRow;
import java.sql.Connection;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Puts commands into the outbox, each time under the same identity. */
public record CommandSender(Outbox outbox, String source, Codec codec, InstantSource clock) {

  void send(Connection tx, SagaRow row, CommandId id, Command command) {
    EventEnvelope.Builder event = EventEnvelope.builder(id.toString(), source, command.type())
        .subject(command.key())
        .time(clock.instant().truncatedTo(ChronoUnit.MICROS).toString())
        .data(codec.contentType(), codec.encode(command.payload()))
        .extension(Extension.PARTITION_KEY, command.key())
        .extension(Extension.CORRELATION_ID, correlation(row));
    if (id.undo()) {
      event.extension(
          Extension.CAUSATION_ID, new CommandId(id.saga(), id.step(), false).toString());
    }
    outbox.publish(tx, event.build());
  }

  static String correlation(SagaRow row) {
    String correlation = row.origin().correlationId();
    return correlation == null ? row.id().toString() : correlation;
  }
}
