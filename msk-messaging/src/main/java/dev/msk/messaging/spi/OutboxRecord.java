package dev.msk.messaging.spi;

import dev.msk.messaging.EventEnvelope;
import java.util.Objects;

/**
 * An event in the outbox, with where it is bound for.
 *
 * @param partition from 0, below {@link OutboxStore#partitions()}
 * @param topic the destination at the broker
 * @param event the event
 */
public record OutboxRecord(int partition, String topic, EventEnvelope event) {

  /**
   * Checks that nothing is missing.
   *
   * @param partition from 0
   * @param topic the destination at the broker
   * @param event the event
   */
  public OutboxRecord {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(event, "event");
  }
}
