package dev.msk.examples.keycloak;

import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** A service that nobody calls: it hears by events what was done, by whom and for whom. */
final class Shipping implements AutoCloseable {

  private final EventConsumer consumer;

  Shipping(DataSource database, Map<String, Object> kafka, Consumer<EventEnvelope> reserved) {
    SchemaInstaller.of(database).install(CoreSchema.scripts(), MessagingSchema.scripts());
    this.consumer = EventConsumer.builder(
            KafkaTransport.of(kafka),
            List.of(Inventory.TOPIC),
            Transactor.of(database),
            Inbox.of(PostgresInboxStore.of(database), "shipping"))
        .handle(Inventory.RESERVED, (tx, event) -> reserved.accept(event))
        .build()
        .start();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
