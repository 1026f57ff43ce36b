package dev.msk.examples.demo;

import dev.msk.examples.contracts.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What the broker holds, beside what the databases say. */
public final class Broker implements AutoCloseable {

  private static final Map<String, List<String>> READERS = Map.of(
      "orders", List.of(Topics.PAYMENTS), "payments", List.of(Topics.ORDERS, Topics.CHARGES));

  private final Admin admin;
  private final int partitions;

  Broker(String bootstrapServers, int partitions) {
    this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    this.partitions = partitions;
  }

  /**
   * Counts records, repetitions included.
   *
   * @param topic which
   * @return how many were ever sent
   */
  public long records(String topic) throws ExecutionException, InterruptedException {
    return ends(topic).values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Whether a group has read its topics to their ends.
   *
   * @param group the consumers
   * @return true when nothing is left to deliver
   * @throws ExecutionException when the broker cannot be asked
   * @throws InterruptedException when interrupted
   */
  public boolean isRead(String group) throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> read =
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    for (String topic : READERS.get(group)) {
      for (Map.Entry<TopicPartition, Long> end : ends(topic).entrySet()) {
        OffsetAndMetadata position = read.get(end.getKey());
        if ((position == null ? 0 : position.offset()) < end.getValue()) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void close() {
    admin.close();
  }

  private Map<TopicPartition, Long> ends(String topic)
      throws ExecutionException, InterruptedException {
    List<TopicPartition> all = new ArrayList<>();
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int i = 0; i < partitions; i++) {
      all.add(new TopicPartition(topic, i));
      latest.put(all.get(i), OffsetSpec.latest());
    }
    var ends = admin.listOffsets(latest);
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (TopicPartition partition : all) {
      offsets.put(partition, ends.partitionResult(partition).get().offset());
    }
    return offsets;
  }
}
