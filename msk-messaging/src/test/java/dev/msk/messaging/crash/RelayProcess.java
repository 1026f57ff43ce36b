package dev.msk.messaging.crash;

import dev.msk.core.jdbc.Leases;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.postgresql.ds.PGSimpleDataSource;

/** A relay as a process. Arguments: JDBC URL with user, bootstrap servers, topic. */
final class RelayProcess {

  private RelayProcess() {}

  public static void main(String[] args) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(args[0]);
    Outbox outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> args[2]).build();
    Leases leases = Leases.builder(database, UUID.randomUUID().toString())
        .ttl(Duration.ofSeconds(2))
        .build();
    OutboxRelay relay = OutboxRelay.builder(
            outbox, KafkaTransport.of(Map.of("bootstrap.servers", args[1])), leases)
        .pageSize(20)
        .build()
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(relay::close));
    System.out.println("started");
  }
}
