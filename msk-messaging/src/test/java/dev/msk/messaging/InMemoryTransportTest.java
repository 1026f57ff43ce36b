package dev.msk.messaging;

import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.testing.EventTransportContract;

final class InMemoryTransportTest extends EventTransportContract {

  private final InMemoryTransport transport = new InMemoryTransport();

  @Override
  protected EventTransport transport() {
    return transport;
  }

  @Override
  protected String newTopic() {
    return "topic";
  }

  @Override
  protected void sendGarbage(String topic, byte[] body) {
    transport.append(topic, body);
  }
}
