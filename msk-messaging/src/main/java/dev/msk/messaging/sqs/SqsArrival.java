package dev.msk.messaging.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.internal.KeyPartitioner;
import dev.msk.messaging.spi.Delivery;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/** A message that this member has and that no other gets meanwhile. Two of them are never equal. */
final class SqsArrival {

  /**
   * Into how many partitions messages are told apart: what is not handled yet holds up the acknowledgement of its own group, and of few
   * others.
   */
  private static final int PARTITIONS = 1024;

  private final String topic;
  private final Message message;
  private final @Nullable String messageGroup;

  SqsArrival(String topic, boolean fifo, Message message) {
    this.topic = topic;
    this.message = message;
    this.messageGroup =
        fifo ? message.attributes().get(MessageSystemAttributeName.MESSAGE_GROUP_ID) : null;
  }

  /** Of equal groups, one is deleted after the other. */
  String group() {
    return messageGroup == null ? message.messageId() : messageGroup;
  }

  String receiptHandle() {
    return message.receiptHandle();
  }

  Delivery delivery() {
    Delivery.Origin origin = new Delivery.Origin(
        topic, KeyPartitioner.partition(group(), PARTITIONS), message.messageId());
    Map<String, String> headers = SqsMessages.headers(message.messageAttributes());
    byte[] body = message.body().getBytes(UTF_8);
    try {
      return new Delivery.Event(origin, SqsMessages.read(headers, body));
    } catch (InvalidEventException e) {
      byte[] key = messageGroup == null ? null : messageGroup.getBytes(UTF_8);
      return new Delivery.Undecodable(origin, key, headers, body, e);
    }
  }

  @Override
  public String toString() {
    return topic + "@" + message.messageId();
  }
}
