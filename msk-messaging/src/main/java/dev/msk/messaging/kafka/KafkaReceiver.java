package dev.msk.messaging.kafka;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.PartitionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One member of a consumer group. */
final class KafkaReceiver implements EventReceiver {

  private static final Logger log = LoggerFactory.getLogger(KafkaReceiver.class);

  private final Consumer<byte[], byte[]> consumer;
  private final Object waking = new Object();
  private boolean polling;
  private boolean woken;
  private volatile boolean paused;

  private KafkaReceiver(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  static KafkaReceiver open(
      Map<String, Object> config, List<String> topics, Revocations revocations) {
    Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    KafkaReceiver receiver = new KafkaReceiver(consumer);
    consumer.subscribe(topics, receiver.new Rebalance(revocations));
    return receiver;
  }

  @Override
  public List<Delivery> poll(Duration timeout) {
    ConsumerRecords<byte[], byte[]> records;
    beginPolling();
    try {
      records = consumer.poll(timeout);
    } catch (WakeupException e) {
      return List.of();
    } finally {
      endPolling();
    }
    List<Delivery> deliveries = new ArrayList<>(records.count());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      deliveries.add(delivery(record));
    }
    return deliveries;
  }

  @Override
  public void acknowledge(List<Delivery> deliveries) {
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    for (Delivery delivery : deliveries) {
      Delivery.Origin origin = delivery.origin();
      next.put(
          new TopicPartition(origin.topic(), origin.partition()),
          new OffsetAndMetadata(Long.parseLong(origin.position()) + 1));
    }
    try {
      commit(next);
    } catch (CommitFailedException | RebalanceInProgressException e) {
      log.info(
          "Offsets not committed, {} messages will come again: {}",
          deliveries.size(),
          e.getMessage());
    }
  }

  @Override
  public void pause() {
    paused = true;
    consumer.pause(consumer.assignment());
  }

  @Override
  public void resume() {
    if (paused) {
      paused = false;
      consumer.resume(consumer.paused());
    }
  }

  /**
   * Reaches a poll only: woken while it commits, a rebalance would give partitions away without a word of what is done of
   * them, and would go on behind what was dropped.
   */
  @Override
  public void wakeup() {
    synchronized (waking) {
      if (polling) {
        consumer.wakeup();
      } else {
        woken = true;
      }
    }
  }

  private void beginPolling() {
    synchronized (waking) {
      polling = true;
      if (woken) {
        woken = false;
        consumer.wakeup();
      }
    }
  }

  private boolean endPolling() {
    synchronized (waking) {
      boolean before = polling;
      polling = false;
      return before;
    }
  }

  @Override
  public void close() {
    consumer.close();
  }

  /** A wake-up that came when the poll had just ended is still to be noticed; no other comes until the next poll. */
  private void commit(Map<TopicPartition, OffsetAndMetadata> next) {
    try {
      consumer.commitSync(next);
    } catch (WakeupException e) {
      wakeup();
      consumer.commitSync(next);
    }
  }

  private final class Rebalance implements ConsumerRebalanceListener {
    private final Revocations revocations;

    private Rebalance(Revocations revocations) {
      this.revocations = revocations;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      if (paused) {
        consumer.pause(partitions);
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      undisturbed(() -> revocations.revoked(ids(partitions)));
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      undisturbed(() -> revocations.lost(ids(partitions)));
    }

    private void undisturbed(Runnable handover) {
      boolean inPoll = endPolling();
      try {
        handover.run();
      } finally {
        if (inPoll) {
          beginPolling();
        }
      }
    }
  }

  private static Set<PartitionId> ids(Collection<TopicPartition> partitions) {
    return partitions.stream()
        .map(partition -> new PartitionId(partition.topic(), partition.partition()))
        .collect(Collectors.toSet());
  }

  private static Delivery delivery(ConsumerRecord<byte[], byte[]> record) {
    Delivery.Origin origin =
        new Delivery.Origin(record.topic(), record.partition(), Long.toString(record.offset()));
    try {
      return new Delivery.Event(origin, KafkaBinaryFormat.read(record));
    } catch (InvalidEventException e) {
      return new Delivery.Undecodable(
          origin, record.key(), KafkaHeaderText.write(record.headers()), record.value(), e);
    }
  }

  /** Once more, as a record that comes from the same place. */
  static EventEnvelope decode(Delivery.Undecodable message) {
    Delivery.Origin origin = message.origin();
    ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
        origin.topic(),
        origin.partition(),
        Long.parseLong(origin.position()),
        message.key(),
        message.body());
    KafkaHeaderText.read(message.headers()).forEach(record.headers()::add);
    return KafkaBinaryFormat.read(record);
  }
}
