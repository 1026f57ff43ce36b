package dev.msk.messaging.crash;

import dev.msk.core.jdbc.Leases;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;

/** A relay as a process. Arguments: JDBC URL with user, broker, its address, topic. */
final class RelayProcess {

  private RelayProcess() {}

  public static void main(String[] args) {
    DataSource database = TestDatabase.pool(args[0]);
    Outbox outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> args[3]).build();
    Leases leases = Leases.builder(database, UUID.randomUUID().toString())
        .ttl(Duration.ofSeconds(2))
        .build();
    OutboxRelay relay = OutboxRelay.builder(
            outbox, Broker.valueOf(args[1]).transport(args[2]), leases)
        .pageSize(20)
        .build()
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(relay::close));
    System.out.println("started");
  }
}
