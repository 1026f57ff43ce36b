package dev.msk.messaging.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.msk.messaging.spi.PartitionId;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue, on a channel of its own: when the channel is closed, the broker takes all back that was not acknowledged, and gives it
 * to the next consumer before anything that came later.
 */
final class Subscription extends DefaultConsumer {

  private static final Logger log = LoggerFactory.getLogger(Subscription.class);

  private final PartitionId partition;
  private final String queue;
  private final Arrivals arrivals;
  /** Delivery tags are counted by channel. */
  private final String id = UUID.randomUUID().toString();

  private volatile boolean active;

  /** Where messages are put. Called on a thread of the client. */
  interface Arrivals {
    void arrived(Arrival arrival);

    void failed(RabbitMqException failure);
  }

  /** A message as it came. */
  record Arrival(Subscription from, long tag, AMQP.BasicProperties properties, byte[] body) {}

  private Subscription(Channel channel, PartitionId partition, String queue, Arrivals arrivals) {
    super(channel);
    this.partition = partition;
    this.queue = queue;
    this.arrivals = arrivals;
  }

  static Subscription open(
      OpenConnection connection,
      PartitionId partition,
      String queue,
      int prefetch,
      Arrivals arrivals) {
    Channel channel = connection.channel();
    Subscription subscription = new Subscription(channel, partition, queue, arrivals);
    try {
      channel.basicQos(prefetch);
      channel.basicConsume(queue, false, subscription);
      return subscription;
    } catch (IOException | RuntimeException e) {
      throw RabbitMqException.of("queue " + queue, e, "a queue to read from");
    }
  }

  PartitionId partition() {
    return partition;
  }

  String queue() {
    return queue;
  }

  /** Whether the broker has chosen this consumer among those of the queue, as far as can be known: it tells by giving it something. */
  boolean isActive() {
    return active;
  }

  /** A name for a message that has none of its own, not given twice. */
  String position(long tag) {
    return id + ":" + tag;
  }

  /** Acknowledges all up to this one. */
  void acknowledge(long tag) throws IOException {
    getChannel().basicAck(tag, true);
  }

  /** Gives back what is not acknowledged, and the queue to who waits for it. */
  void close() {
    try {
      getChannel().close();
    } catch (IOException | TimeoutException | RuntimeException e) {
      log.debug("Queue {}: channel was closed already: {}", queue, e.toString());
    }
  }

  @Override
  public void handleDelivery(
      String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
    active = true;
    arrivals.arrived(new Arrival(this, envelope.getDeliveryTag(), properties, body));
  }

  @Override
  public void handleCancel(String consumerTag) {
    arrivals.failed(new RabbitMqException("queue " + queue
        + ": the broker ended the subscription (expected: a queue that is not deleted)"));
  }

  @Override
  public void handleShutdownSignal(String consumerTag, ShutdownSignalException signal) {
    if (!signal.isInitiatedByApplication()) {
      arrivals.failed(RabbitMqException.of("queue " + queue, signal, "a channel that stays open"));
    }
  }
}
