package dev.msk.messaging.sqs;

import dev.msk.localservers.SqsServer;
import dev.msk.localservers.junit.WithServers;

@WithServers
final class SqsStandardTransportTest extends SqsContract {

  SqsStandardTransportTest(SqsServer sqs) {
    super(sqs, false);
  }
}
