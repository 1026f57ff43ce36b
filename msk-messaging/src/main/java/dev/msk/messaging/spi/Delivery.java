package dev.msk.messaging.spi;

import dev.msk.messaging.EventEnvelope;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A message as it came from a broker: an event, or bytes that are none. */
public sealed interface Delivery {

  /**
   * Where it came from.
   *
   * @return topic, partition and position at the broker
   */
  Origin origin();

  /**
   * Where a message came from.
   *
   * @param topic the topic or queue
   * @param partition the partition, or 0 where the broker has none
   * @param position the offset, or the broker's own message identifier
   */
  record Origin(String topic, int partition, String position) {

    /**
     * The partition alone.
     *
     * @return what is acknowledged, and taken away, together
     */
    public PartitionId partitionId() {
      return new PartitionId(topic, partition);
    }

    /**
     * Reads what {@link #toString()} wrote.
     *
     * @param text {@code topic/partition@position}
     * @return the origin
     */
    public static Origin parse(String text) {
      int at = text.lastIndexOf('@');
      int slash = text.lastIndexOf('/', at);
      if (slash < 1) {
        throw new IllegalArgumentException(
            "origin: " + text + " (expected: topic/partition@position)");
      }
      return new Origin(
          text.substring(0, slash),
          Integer.parseInt(text.substring(slash + 1, at)),
          text.substring(at + 1));
    }

    @Override
    public String toString() {
      return topic + "/" + partition + "@" + position;
    }
  }

  /**
   * A message that is an event.
   *
   * @param origin where it came from
   * @param event the event
   */
  record Event(Origin origin, EventEnvelope event) implements Delivery {}

  /**
   * A message that is no event: kept whole, so that it can be parked and replayed.
   *
   * @param origin where it came from
   * @param key the record key, null when it has none
   * @param headers header names and values as they came, values that are no UTF-8 with replacements
   * @param body the bytes, null when there are none
   * @param error what is wrong with it
   */
  record Undecodable(
      Origin origin,
      byte @Nullable [] key,
      Map<String, String> headers,
      byte @Nullable [] body,
      Exception error)
      implements Delivery {}
}
