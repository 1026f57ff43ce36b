package dev.msk.messaging.rabbitmq;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.EventSender;
import java.util.HashSet;
import java.util.Set;

/**
 * Sends over a connection of its own, which is thrown away after the first failure, and changed for another when the TLS identity
 * has changed.
 */
final class RabbitMqSender implements EventSender {

  private static final String NAME = "msk sender";

  private final RabbitMqConnector connector;
  private final RabbitMqTopology topology;
  private final ConfirmedChannel.Limits limits;
  /** Exchanges that are there. */
  private final Set<String> known = new HashSet<>();

  private ConfirmedChannel channel;

  private RabbitMqSender(
      RabbitMqConnector connector,
      RabbitMqTopology topology,
      ConfirmedChannel.Limits limits,
      ConfirmedChannel channel) {
    this.connector = connector;
    this.topology = topology;
    this.limits = limits;
    this.channel = channel;
  }

  static RabbitMqSender open(
      RabbitMqConnector connector, RabbitMqTopology topology, ConfirmedChannel.Limits limits) {
    return new RabbitMqSender(
        connector, topology, limits, ConfirmedChannel.open(connector.open(NAME), limits));
  }

  @Override
  public void send(String topic, EventEnvelope event, Completion completion) {
    RabbitMqBinaryFormat.Message message;
    try {
      renew();
      if (!known.contains(topic)) {
        topology.exchange(channel.connection(), topic);
        known.add(topic);
      }
      message = RabbitMqBinaryFormat.write(event);
    } catch (RuntimeException e) {
      channel.close();
      completion.done(e);
      return;
    }
    channel.publish(topic, topology.routingKeyOf(event.orderingKey()), message, completion);
  }

  @Override
  public void close() {
    channel.close();
  }

  private void renew() {
    if (!connector.isStale(channel.connection())) {
      return;
    }
    if (!channel.awaitDrained()) {
      throw new RabbitMqException(
          "TLS identity: changed, and the broker does not confirm what was sent before");
    }
    channel.close();
    channel = ConfirmedChannel.open(connector.open(NAME), limits);
  }
}
