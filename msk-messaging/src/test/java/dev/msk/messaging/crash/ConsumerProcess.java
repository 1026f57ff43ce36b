package dev.msk.messaging.crash;

import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresWatermarkInbox;
import dev.msk.messaging.spi.InboxStore;
import java.sql.PreparedStatement;
import java.util.List;
import javax.sql.DataSource;

/** A consumer as a process. Arguments: JDBC URL with user, broker, its address, topic, what its inbox remembers. */
final class ConsumerProcess {

  private ConsumerProcess() {}

  public static void main(String[] args) {
    DataSource database = TestDatabase.pool(args[0]);
    InboxStore store = args[4].equals("watermark")
        ? PostgresWatermarkInbox.of(database)
        : PostgresInboxStore.of(database);
    EventConsumer consumer = EventConsumer.builder(
            Broker.valueOf(args[1]).transport(args[2]),
            List.of(args[3]),
            Transactor.of(database),
            Inbox.of(store, KilledProcesses.GROUP))
        .handle("crash.event", (tx, event) -> {
          try (PreparedStatement insert =
              tx.prepareStatement("INSERT INTO effect (key, number) VALUES (?, ?)")) {
            insert.setString(1, event.orderingKey());
            insert.setLong(2, Long.parseLong(event.subject().orElseThrow()));
            insert.executeUpdate();
          }
        })
        .batchSize(10)
        .concurrency(3)
        .build()
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(consumer::close));
    System.out.println("started");
  }
}
