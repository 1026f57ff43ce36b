package dev.msk.messaging.sqs;

import dev.msk.localservers.SqsServer;
import dev.msk.localservers.junit.WithServers;

@WithServers
final class SqsFifoTransportTest extends SqsContract {

  SqsFifoTransportTest(SqsServer sqs) {
    super(sqs, true);
  }
}
