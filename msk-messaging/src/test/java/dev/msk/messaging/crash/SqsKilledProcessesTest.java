package dev.msk.messaging.crash;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.SqsServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On PostgreSQL and FIFO queues of ElasticMQ. */
@WithServers
@Tag("crash")
final class SqsKilledProcessesTest extends KilledProcesses {

  SqsKilledProcessesTest(PostgresServer postgres, SqsServer sqs) throws SQLException {
    super(postgres, Broker.SQS_FIFO);
    through(TcpProxy.to("127.0.0.1", sqs.port()));
  }

  @Test
  void killsPausesAndCuts_loseRepeatAndReorderNothing() throws Exception {
    killPauseAndCut("id");
  }
}
