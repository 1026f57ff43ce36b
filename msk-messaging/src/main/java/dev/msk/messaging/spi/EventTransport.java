package dev.msk.messaging.spi;

import dev.msk.messaging.EventEnvelope;
import java.util.Collection;

/**
 * A message broker. Thread-safe; what it opens is confined to one thread each.
 *
 * <p>{@code EventTransportContract} in {@code dev.msk.messaging.testing} is the suite that an
 * implementation passes.
 */
public interface EventTransport {

  /**
   * What the broker is called in telemetry, {@code messaging.system} of OpenTelemetry's conventions.
   *
   * @return {@code kafka}, {@code rabbitmq}, {@code aws_sqs} …; {@code _OTHER} unless overridden
   */
  default String system() {
    return "_OTHER";
  }

  /**
   * Whether events of one ordering key come in the order in which they were sent.
   *
   * @return true unless overridden; false where the broker keeps no order: then nothing may rest on it, a watermark for instance
   */
  default boolean keepsKeyOrder() {
    return true;
  }

  /**
   * Opens a sender that keeps the order of events of one ordering key, where the broker {@linkplain #keepsKeyOrder() does}.
   *
   * @return a sender with its own connection to the broker
   */
  EventSender openSender();

  /**
   * Opens a sender that can be {@linkplain #fence fenced}, if this transport can do that. Opening fences senders that were opened
   * under the same name before.
   *
   * @param name of the relay that sends, the same for as long as it runs
   * @return a sender; that of {@link #openSender()} unless overridden
   */
  default EventSender openSender(String name) {
    return openSender();
  }

  /**
   * Refuses, from now on, whatever is sent by senders that were opened before under these names; what they have sent
   * and not {@linkplain EventSender#flush() flushed} is seen by nobody. Does nothing unless overridden.
   *
   * @param names of relays, which may be running, dead, paused or cut off
   */
  default void fence(Collection<String> names) {}

  /**
   * Joins a consumer group.
   *
   * @param group members of one group share the events, each group gets all of them
   * @param topics what to read, not empty
   * @param revocations hears which partitions other members take over; a broker without partitions never
   *     calls it
   * @return a receiver with its own connection to the broker
   */
  EventReceiver openReceiver(
      String group, Collection<String> topics, EventReceiver.Revocations revocations);

  /**
   * Joins a consumer group as a member that has nothing under way when it polls.
   *
   * @param group members of one group share the events, each group gets all of them
   * @param topics what to read, not empty
   * @return a receiver with its own connection to the broker
   */
  default EventReceiver openReceiver(String group, Collection<String> topics) {
    return openReceiver(group, topics, EventReceiver.Revocations.IGNORED);
  }

  /**
   * Reads once more what could not be decoded, by the code that is there now.
   *
   * @param message as it was delivered
   * @return the event
   * @throws dev.msk.messaging.InvalidEventException when it still is none
   */
  EventEnvelope decode(Delivery.Undecodable message);
}
