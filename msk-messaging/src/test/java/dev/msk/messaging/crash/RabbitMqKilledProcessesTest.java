package dev.msk.messaging.crash;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.RabbitMqServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On PostgreSQL and RabbitMQ. */
@WithServers
@Tag("crash")
final class RabbitMqKilledProcessesTest extends KilledProcesses {

  RabbitMqKilledProcessesTest(PostgresServer postgres, RabbitMqServer rabbit) throws SQLException {
    super(postgres, Broker.RABBITMQ);
    through(TcpProxy.to("127.0.0.1", rabbit.port()));
  }

  @Test
  void killsPausesAndCuts_loseRepeatAndReorderNothing() throws Exception {
    killPauseAndCut("id");
  }
}
