package dev.msk.messaging.kafka;

import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
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

  private KafkaReceiver(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  static KafkaReceiver open(Map<String, Object> config, List<String> topics) {
    Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(topics);
    return new KafkaReceiver(consumer);
  }

  @Override
  public List<Delivery> poll(Duration timeout) {
    ConsumerRecords<byte[], byte[]> records;
    try {
      records = consumer.poll(timeout);
    } catch (WakeupException e) {
      return List.of();
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
  public void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }

  private void commit(Map<TopicPartition, OffsetAndMetadata> next) {
    try {
      consumer.commitSync(next);
    } catch (WakeupException e) {
      consumer.commitSync(next);
      consumer.wakeup();
    }
  }

  private static Delivery delivery(ConsumerRecord<byte[], byte[]> record) {
    Delivery.Origin origin =
        new Delivery.Origin(record.topic(), record.partition(), Long.toString(record.offset()));
    try {
      return new Delivery.Event(origin, KafkaBinaryFormat.read(record));
    } catch (InvalidEventException e) {
      return new Delivery.Undecodable(
          origin, record.key(), KafkaBinaryFormat.shown(record.headers()), record.value(), e);
    }
  }
}
