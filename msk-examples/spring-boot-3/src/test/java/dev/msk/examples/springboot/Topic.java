package dev.msk.examples.springboot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Another service, which reads the topic "orders" with nothing but Kafka's client. */
final class Topic implements AutoCloseable {

  private final KafkaConsumer<String, String> consumer;
  private final List<ConsumerRecord<String, String>> read = new ArrayList<>();

  Topic(String bootstrapServers) {
    consumer = new KafkaConsumer<>(
        Map.of("bootstrap.servers", bootstrapServers, "auto.offset.reset", "earliest"),
        new StringDeserializer(),
        new StringDeserializer());
    List<TopicPartition> one = List.of(new TopicPartition("orders", 0));
    consumer.assign(one);
    consumer.seekToBeginning(one);
  }

  /** All that the topic has until the first event of an order, which is waited for, that one included. */
  List<ConsumerRecord<String, String>> until(String order) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (read.stream().noneMatch(event -> order.equals(event.key()))) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("no event of " + order + " within 30 s, but " + read);
      }
      consumer.poll(Duration.ofMillis(100)).forEach(read::add);
    }
    return List.copyOf(read);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
