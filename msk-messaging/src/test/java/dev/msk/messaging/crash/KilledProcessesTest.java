package dev.msk.messaging.crash;

import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On PostgreSQL and Kafka. */
@WithServers
@Tag("crash")
final class KilledProcessesTest extends KilledProcesses {

  private final KafkaServer kafka;

  KilledProcessesTest(PostgresServer postgres) throws SQLException {
    super(postgres, Broker.KAFKA);
    this.kafka = KafkaServer.builder().name("cut-off").proxied().start();
    kafka.createTopic(topic, 4);
    through(kafka.proxy());
  }

  @AfterEach
  void stopKafka() {
    kafka.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "watermark"})
  void killsPausesAndCuts_loseRepeatAndReorderNothing(String inbox) throws Exception {
    killPauseAndCut(inbox);
  }
}
