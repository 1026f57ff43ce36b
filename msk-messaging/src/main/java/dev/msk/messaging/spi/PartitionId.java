package dev.msk.messaging.spi;

/**
 * A partition of a topic, which one member of a consumer group reads at a time.
 *
 * @param topic the topic or queue
 * @param partition its number, or 0 where the broker has none
 */
public record PartitionId(String topic, int partition) {
  @Override
  public String toString() {
    return topic + "/" + partition;
  }
}
