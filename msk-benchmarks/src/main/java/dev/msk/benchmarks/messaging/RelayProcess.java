package dev.msk.benchmarks.messaging;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Leases;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A relay in a process of its own, to be killed. */
final class RelayProcess {

  private RelayProcess() {}

  /** Takes the database's URL and the broker's address, and never ends. */
  public static void main(String[] args) throws InterruptedException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(args[0]);
    try (HikariDataSource database = new HikariDataSource(config);
        OutboxRelay relay = OutboxRelay.builder(
                Outbox.builder(PostgresOutboxStore.of(database), event -> Orders.TOPIC)
                    .build(),
                KafkaTransport.of(Map.of("bootstrap.servers", args[1])),
                Leases.builder(database, "victim").build())
            .build()) {
      relay.start();
      new CountDownLatch(1).await();
    }
  }
}
