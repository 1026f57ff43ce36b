package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What arrives at the broker, whoever sent it: when, whether all of it, and in which order. */
final class Topic implements AutoCloseable {

  private static final int PARTITIONS = 6;
  private static final long PATIENCE_NANOS = Duration.ofMinutes(3).toNanos();
  /** Records bear the time of their append, so a look that comes late changes no figure; many looks take the relay's processor. */
  private static final long LOOK_MILLIS = 100;

  private final String bootstrapServers;
  private final Admin admin;
  private final List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
      .mapToObj(partition -> new TopicPartition(Orders.TOPIC, partition))
      .toList();

  private Topic(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }

  /** The topic of {@link Orders}, made by whoever comes first: a living producer never sees it made anew. */
  static Topic open(Bench bench) throws ExecutionException, InterruptedException {
    Topic topic = new Topic(bench.kafka().bootstrapServers());
    if (!topic.admin.listTopics().names().get().contains(Orders.TOPIC)) {
      topic
          .admin
          .createTopics(List.of(new NewTopic(Orders.TOPIC, PARTITIONS, (short) 1)))
          .all()
          .get();
    }
    return topic;
  }

  String bootstrapServers() {
    return bootstrapServers;
  }

  List<TopicPartition> partitions() {
    return partitions;
  }

  /** Where the topic ends now. */
  Map<TopicPartition, Long> end() throws ExecutionException, InterruptedException {
    return admin
        .listOffsets(partitions.stream()
            .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest())))
        .all()
        .get()
        .entrySet()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  /** Waits until so many records have come since, reads them, and checks that each number came once and keys kept their order. */
  Arrival await(Map<TopicPartition, Long> since, int events)
      throws ExecutionException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (count(since, end()) < events) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            count(since, end()) + " of " + events + " events arrived (expected: all)");
      }
      Thread.sleep(LOOK_MILLIS);
    }
    Arrival arrival = read(since, end());
    forget();
    if (arrival.distinct != events) {
      throw new IllegalStateException(arrival + " (expected: " + events + " distinct events)");
    }
    return arrival;
  }

  /** Lets the broker delete all that came. */
  void forget() throws ExecutionException, InterruptedException {
    admin
        .deleteRecords(end().entrySet().stream()
            .collect(Collectors.toMap(
                Map.Entry::getKey, entry -> RecordsToDelete.beforeOffset(entry.getValue()))))
        .all()
        .get();
  }

  /**
   * What came.
   *
   * @param lastMillis when the last record was appended, by the broker's clock, which is ours
   * @param records how many, repetitions included
   * @param distinct how many different numbers
   * @param disordered how many numbers came behind a greater one of their key
   */
  record Arrival(long lastMillis, int records, int distinct, int disordered) {

    Arrival requireOrder() {
      if (disordered > 0) {
        throw new IllegalStateException(this + " (expected: the order of keys kept)");
      }
      return this;
    }
  }

  private Arrival read(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    int records = 0;
    long lastMillis = 0;
    int disordered = 0;
    BitSet seen = new BitSet();
    Map<String, Integer> lastOfKey = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      consumer.assign(partitions);
      from.forEach(consumer::seek);
      while (records < count(from, to)) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          records++;
          lastMillis = Math.max(lastMillis, record.timestamp());
          int number = Orders.number(record.value());
          if (!seen.get(number)) {
            seen.set(number);
            String key = new String(record.key(), StandardCharsets.UTF_8);
            Integer last = lastOfKey.put(key, number);
            if (last != null && last > number) {
              disordered++;
            }
          }
        }
      }
    }
    return new Arrival(lastMillis, records, seen.cardinality(), disordered);
  }

  /** The system's receive buffer: into Kafka's 64 KiB a loopback packet of that size may not fit, and is sent again after 200 ms. */
  KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "max.poll.records",
            5_000,
            "receive.buffer.bytes",
            -1),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static int count(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    return (int) to.entrySet().stream()
        .mapToLong(end -> end.getValue() - from.getOrDefault(end.getKey(), 0L))
        .sum();
  }

  @Override
  public void close() {
    admin.close();
  }
}
