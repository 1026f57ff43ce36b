package dev.msk.messaging.kafka;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.EventSender;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Sends through a producer of its own, which is thrown away after the first failure.
 *
 * <p>The first record of a partition is sent alone. A leader that knows nothing of a producer takes whatever batch comes
 * first: when it was not up for the first batch and is for the second, which was on its way already, the second stands before
 * the first, and the first is refused for ever ({@code OUT_OF_ORDER_SEQUENCE_NUMBER}). Once a leader has taken a record, the
 * idempotent producer keeps the order by itself. Which partition a key has is foretold as Kafka's own partitioner decides it;
 * where another one is configured, that may be wrong, and the first records of a new topic may change places as described.
 */
final class KafkaSender implements EventSender {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Producer<byte[], byte[]> producer;
  /** Partitions that have taken a record of this producer, by topic. */
  private final Map<String, Set<Integer>> begun = new HashMap<>();
  /** Topics of which all partitions have. */
  private final Set<String> whole = new HashSet<>();

  KafkaSender(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  static KafkaSender open(Map<String, Object> config) {
    return new KafkaSender(
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  @Override
  public void send(String topic, EventEnvelope event, Completion completion) {
    try {
      ProducerRecord<byte[], byte[]> record = KafkaBinaryFormat.write(topic, event);
      if (isBegun(record)) {
        var unused = producer.send(record, (metadata, error) -> completion.done(error));
        return;
      }
      sendAlone(record);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      completion.done(e);
      return;
    } catch (ExecutionException e) {
      completion.done(e.getCause() instanceof Exception cause ? cause : e);
      return;
    } catch (TimeoutException | RuntimeException e) {
      completion.done(e);
      return;
    }
    completion.done(null);
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }

  private void sendAlone(ProducerRecord<byte[], byte[]> record)
      throws InterruptedException, ExecutionException, TimeoutException {
    RecordMetadata taken = producer.send(record).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    Set<Integer> partitions = begun.computeIfAbsent(record.topic(), topic -> new HashSet<>());
    partitions.add(taken.partition());
    if (partitions.size() >= producer.partitionsFor(record.topic()).size()) {
      whole.add(record.topic());
    }
  }

  private boolean isBegun(ProducerRecord<byte[], byte[]> record) {
    if (whole.contains(record.topic())) {
      return true;
    }
    int partitions = producer.partitionsFor(record.topic()).size();
    return begun
        .getOrDefault(record.topic(), Set.of())
        .contains(Utils.toPositive(Utils.murmur2(record.key())) % partitions);
  }
}
